import { describe, test } from "vitest";

import { createCanaries, outputsOfMessage, outputsOfResponse } from "../support/canaries.ts";

const at = (place: string, text: string) => [{ place, text }];

describe("the search for canaries", () => {
  test("finds one as it is, in another case, in hexadecimal, and in base64 of both alphabets at any place", ({
    expect,
  }) => {
    const canaries = createCanaries();
    const text = canaries.plant("query");
    const bytes = Buffer.from(text);
    const shown = [
      `a ${text} b`,
      text.toUpperCase(),
      bytes.toString("hex"),
      ...["", "?", "??", "???"].flatMap((before) =>
        (["base64", "base64url"] as const).map((alphabet) => Buffer.from(`${before}${text}~~~`).toString(alphabet)),
      ),
    ];
    expect(shown.map((output) => canaries.find(at("body", output)))).toEqual(shown.map(() => ["query at body"]));
  });

  test.for(["word", "trace", "letters"] as const)("finds a %s, and tells it from another one", (form, { expect }) => {
    const canaries = createCanaries();
    const [first, second] = [canaries.plant("first", form), canaries.plant("second", form)];
    expect(canaries.find([...at("a", first), ...at("b", second), ...at("c", "nothing")])).toEqual([
      "first at a",
      "second at b",
    ]);
  });

  test("looks at each header, name and value of an answer, and at each member of an event", async ({ expect }) => {
    const canaries = createCanaries();
    const text = canaries.plant("secret");
    const json = { headers: { "Content-Type": "application/problem+json", "X-Echo": text } };
    const answer = new Response(JSON.stringify({ errors: [{ pointer: text }, { [text]: 1 }] }), json);
    expect(canaries.find(await outputsOfResponse(answer))).toEqual([
      "secret at body:/errors/each/(name)",
      "secret at body:/errors/each/pointer",
      "secret at header:x-echo",
    ]);
    expect(canaries.find(await outputsOfResponse(new Response(`<p>${text}`)))).toEqual(["secret at body"]);
    expect(canaries.find(outputsOfMessage(JSON.stringify({ error: { stack: [text] } })))).toEqual([
      "secret at log:/error/stack/each",
    ]);
    expect(canaries.find(outputsOfMessage(`Uncaught Error: ${text}`))).toEqual(["secret at console"]);
  });
});
