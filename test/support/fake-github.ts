import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import { closeServer, listen } from "../../tools/net/listen.ts";

/** The part of GitHub's API that previews use. */
export interface FakeGithub {
  readonly url: string;
  /** Numbers of the open pull requests. */
  open: readonly number[];
  /** Comments of each pull request, oldest first. */
  readonly comments: Map<number, { readonly id: number; body: string }[]>;
  /** Status of all answers, to fail; null when it works. */
  status: number | null;
  close(): Promise<void>;
}

export const GITHUB_TOKEN = "github-token";
const REPOSITORY = "/repos/somebody/users-api";

export async function startFakeGithub(): Promise<FakeGithub> {
  let nextId = 1;
  const add = (issue: number, body: string): unknown => {
    const comment = { id: nextId++, body };
    github.comments.set(issue, [...(github.comments.get(issue) ?? []), comment]);
    return comment;
  };
  const change = (id: number, body: string): unknown => {
    const comment = [...github.comments.values()].flat().find((each) => each.id === id);
    return comment === undefined ? null : Object.assign(comment, { body });
  };
  const answer = (method: string, path: string, query: URLSearchParams, body: string): unknown => {
    const page = Number(query.get("page"));
    const slice = <Item>(items: readonly Item[]): readonly Item[] => items.slice((page - 1) * 100, page * 100);
    const id = Number(/\d+/.exec(path)?.[0]);
    const words = (): string => String(JSON.parse(body).body);
    switch (`${method} ${path.replace(/\d+/, ":id")}`) {
      case "GET /pulls":
        return slice(github.open.map((number) => ({ number })));
      case "GET /issues/:id/comments":
        return slice(github.comments.get(id) ?? []);
      case "POST /issues/:id/comments":
        return add(id, words());
      case "PATCH /issues/comments/:id":
        return change(id, words());
      default:
        return null;
    }
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? "/", "http://github");
      const isAllowed =
        request.headers.authorization === `Bearer ${GITHUB_TOKEN}` && url.pathname.startsWith(REPOSITORY);
      const path = url.pathname.slice(REPOSITORY.length);
      const found =
        isAllowed && github.status === null ? answer(request.method ?? "", path, url.searchParams, body) : null;
      response.writeHead(github.status ?? (found === null ? 404 : 200), { "content-type": "application/json" });
      response.end(JSON.stringify(found ?? { message: "no" }));
    });
  });
  const port = await listen(server, { port: 0 });
  const github: FakeGithub = {
    url: `http://127.0.0.1:${port}`,
    open: [],
    comments: new Map(),
    status: null,
    close: () => closeServer(server),
  };
  return github;
}

/** What a workflow of GitHub gives its steps. */
export const githubVariables = ({ url }: FakeGithub) => ({
  GITHUB_TOKEN,
  GITHUB_REPOSITORY: "somebody/users-api",
  GITHUB_API_URL: url,
});
