import { type Check, type CheckContext, writing } from "../check.ts";
import { expectAnswer, expectEqual } from "../expectations.ts";
import { readUser, USERS } from "../test-users.ts";
import { TAGGED_HEADERS } from "./users-create.ts";

/** What nearly every client accepts. A proxy that answers with one of them makes a strong tag weak. */
const CODINGS = ["gzip", "br"] as const;

export const COMPRESSION_CHECKS: readonly Check[] = [
  ...CODINGS.map((coding) => ({
    name: `compression: a client that accepts ${coding} gets a user as it was sent, with its strong ETag`,
    async run({ client, users }: CheckContext) {
      const { id } = await users.sample();
      const answer = await client.send("GET", `${USERS}/id/${id}`, { headers: { "Accept-Encoding": coding } });
      expectAnswer(answer, { status: 200, headers: { ...TAGGED_HEADERS, "Content-Encoding": null } });
    },
  })),
  ...writing(
    CODINGS.map((coding) => ({
      name: `compression: a client that accepts ${coding} changes with If-Match what it has read`,
      async run({ client, users }: CheckContext) {
        const target = `${USERS}/id/${(await users.create()).id}`;
        const accept = { "Accept-Encoding": coding };
        const before = await client.send("GET", target, { headers: accept });
        const tag = before.headers.get("ETag") ?? "";
        const headers = { ...accept, "If-Match": tag };
        const change = await client.send("PATCH", target, { json: { full_name: "Smoke Read" }, headers });
        expectAnswer(change, { status: 200, headers: TAGGED_HEADERS });
        const after = await client.send("GET", target, { headers: accept });
        expectAnswer(after, { status: 200, headers: { ETag: change.headers.get("ETag") } });
        expectEqual("full_name", readUser(after).full_name, "Smoke Read");
      },
    })),
  ),
];
