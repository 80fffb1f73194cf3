import { z } from "zod";

/** Gives the IP addresses of a name, those of both families; none when there is no such name. Rejects when that cannot be told. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

export interface DnsOptions {
  /** An endpoint of DNS over HTTPS that answers in JSON, as `https://cloudflare-dns.com/dns-query`. */
  readonly url: string;
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
}

/** Numbers of record types and of answers (RFC 1035, RFC 3596). */
const RECORD_TYPES = { A: 1, AAAA: 28 } as const;
const [NO_ERROR, NO_SUCH_NAME] = [0, 3];

const answerSchema = z.object({
  Status: z.number(),
  Answer: z.array(z.object({ type: z.number(), data: z.string() })).optional(),
});

export function createDnsResolver({ url, fetch }: DnsOptions): ResolveName {
  const ask = async (
    name: string,
    type: keyof typeof RECORD_TYPES,
    signal: AbortSignal,
  ): Promise<readonly string[]> => {
    const question = new URL(url);
    question.searchParams.set("name", name);
    question.searchParams.set("type", type);
    const response = await fetch(question, {
      headers: { Accept: "application/dns-json" },
      redirect: "manual",
      signal,
    });
    if (response.status !== 200) throw new Error("the resolver of names refuses to answer");
    const { Status: status, Answer: records = [] } = answerSchema.parse(await response.json());
    if (status !== NO_ERROR && status !== NO_SUCH_NAME) throw new Error("the resolver of names found no answer");
    return records.flatMap(({ type: found, data }) => (found === RECORD_TYPES[type] ? [data] : []));
  };
  return async (name, signal) => (await Promise.all([ask(name, "A", signal), ask(name, "AAAA", signal)])).flat();
}
