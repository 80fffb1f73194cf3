import { z } from "zod";

import type { Reply } from "../../rehearsal/load/client.ts";
import type { UserState, WriteEnd } from "../history.ts";

/** What a client asks for. */
export type Operation = "create" | "change" | "delete" | "read" | "list";

/** An answer as clients of this API read it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Undefined when the body is no JSON. */
  readonly json: unknown;
  /** The last part of a problem's type, such as `user-not-found`; null in other answers. */
  readonly problem: string | null;
}

const problemBody = z.looseObject({ type: z.string() });
const userBody = z.looseObject({ id: z.string(), username: z.string(), email: z.string(), full_name: z.string() });
const listBody = z.looseObject({ data: z.array(userBody), next_cursor: z.string().nullable() });

export function toAnswer({ status, headers, body }: Extract<Reply, { kind: "answer" }>): Answer {
  const json = parse(body);
  const problem = status >= 400 ? problemBody.safeParse(json) : null;
  const code = problem?.success === true ? (problem.data.type.split("/").at(-1) ?? null) : null;
  return { status, headers, text: body, json, problem: code };
}

/** The user in an answer; null when there is none. */
export function userOf({ json, headers }: Answer): UserState | null {
  const body = userBody.safeParse(json);
  if (!body.success) return null;
  const version = /\.(\d+)"$/.exec(headers["etag"] ?? "")?.[1];
  const { id, email, full_name: fullName } = body.data;
  return { id, email, fullName, version: version === undefined ? null : Number(version) };
}

/** The users in a list, by name; null when it is none. */
export function usersOf({ json }: Answer): ReadonlyMap<string, UserState> | null {
  const body = listBody.safeParse(json);
  if (!body.success) return null;
  return new Map(
    body.data.data.map(({ username, id, email, full_name: fullName }) => [
      username,
      { id, email, fullName, version: null },
    ]),
  );
}

/** The problem of a write that may have happened. A service that has it says with every other 503 that it has not. */
export const OUTCOME_UNKNOWN = "outcome-unknown";

/** How a write ended. @param tellsOutcome whether the service knows the problem above */
export function endOf(answer: Answer | null, tellsOutcome: boolean): WriteEnd {
  if (answer === null) return { kind: "unknown" };
  const { status, problem } = answer;
  if (status < 300) {
    const state = userOf(answer);
    return state === null ? { kind: "unknown" } : { kind: "acknowledged", state };
  }
  const isCertain = status < 500 || (tellsOutcome && status === 503 && problem !== OUTCOME_UNKNOWN);
  return isCertain ? { kind: "refused", why: problem ?? String(status) } : { kind: "unknown" };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
