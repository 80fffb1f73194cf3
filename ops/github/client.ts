import { z } from "zod";

const API = "https://api.github.com";
const TIMEOUT_MS = 30_000;
const PAGE = 100;

export interface GithubOptions {
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  /** GitHub's own when absent. */
  readonly apiUrl?: string;
}

/** What previews ask of GitHub: https://docs.github.com/en/rest */
export interface Github {
  openPullRequests(): Promise<readonly number[]>;
  /** Writes a comment, or changes the one that holds the marker already. */
  comment(pullRequest: number, marker: string, body: string): Promise<void>;
}

export function createGithub({ token, repository, apiUrl = API }: GithubOptions): Github {
  const send = async <Schema extends z.ZodType>(
    method: string,
    path: string,
    schema: Schema,
    body?: object,
  ): Promise<z.output<Schema>> => {
    const response = await fetch(`${apiUrl}/repos/${repository}${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "x-github-api-version": "2022-11-28",
      },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`GitHub answered ${method} ${path.split("?", 1)[0]} with ${response.status}.`);
    return schema.parse(await response.json());
  };
  const list = async <Item extends z.ZodType>(path: string, item: Item): Promise<z.output<Item>[]> => {
    const items: z.output<Item>[] = [];
    for (let page = 1; ; page += 1) {
      const query = `${path.includes("?") ? "&" : "?"}per_page=${PAGE}&page=${page}`;
      const found = await send("GET", `${path}${query}`, z.array(item));
      items.push(...found);
      if (found.length < PAGE) return items;
    }
  };
  return {
    async openPullRequests() {
      const found = await list("/pulls?state=open", z.object({ number: z.int() }));
      return found.map(({ number }) => number);
    },
    async comment(pullRequest, marker, body) {
      const comments = await list(
        `/issues/${pullRequest}/comments`,
        z.object({ id: z.int(), body: z.string().nullish() }),
      );
      const own = comments.find((comment) => comment.body?.includes(marker) === true);
      const answer = z.object({ id: z.int() });
      if (own === undefined) await send("POST", `/issues/${pullRequest}/comments`, answer, { body });
      else await send("PATCH", `/issues/comments/${own.id}`, answer, { body });
    },
  };
}
