import { afterEach, beforeEach, describe, test } from "vitest";

import { createGithub } from "../../../ops/github/client.ts";
import { formatComment, MARKER } from "../../../ops/preview/comment.ts";
import { type FakeGithub, GITHUB_TOKEN, startFakeGithub } from "../../support/fake-github.ts";

let fake: FakeGithub;

beforeEach(async () => {
  fake = await startFakeGithub();
});
afterEach(() => fake.close());

const open = (token = GITHUB_TOKEN) => createGithub({ token, repository: "somebody/users-api", apiUrl: fake.url });

describe("GitHub, for previews", () => {
  test("tells all open pull requests, also those of later pages", async ({ expect }) => {
    fake.open = Array.from({ length: 230 }, (_, index) => index + 1);
    expect(await open().openPullRequests()).toEqual(fake.open);
  });

  test("has one comment of ours on each pull request, which changes", async ({ expect }) => {
    const others = Array.from({ length: 120 }, (_, index) => ({ id: 1_000 + index, body: `comment ${index}` }));
    fake.comments.set(7, [...others]);
    const github = open();
    await github.comment(7, MARKER, formatComment({ kind: "failed", url: null }, "0123456789"));
    await github.comment(7, MARKER, formatComment({ kind: "gone" }, null));
    expect(fake.comments.get(7)?.slice(120)).toEqual([
      { id: expect.any(Number), body: formatComment({ kind: "gone" }, null) },
    ]);
  });

  test("a refusal names the call, and no token", async ({ expect }) => {
    const refused = open("canary-token").openPullRequests();
    await expect(refused).rejects.toThrow("GitHub answered GET /pulls with 404.");
    await expect(refused).rejects.not.toThrow("canary");
  });
});
