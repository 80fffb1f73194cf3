import { randomBytes } from "node:crypto";

/** A text that is nowhere else, planted in one input. Letters and digits, in lower case, so that every input takes it. */
export interface Canary {
  /** Which input it is in, such as `header:User-Agent`. */
  readonly input: string;
  readonly text: string;
}

/** Where something came out: `header:Link`, `body:/errors/each/pointer`, `log:/user_agent`, or `console` for what is no event. */
export interface Output {
  readonly place: string;
  readonly text: string;
}

/** Plants canaries, and finds them in what comes out. */
export interface Canaries {
  /** A new text for this input; `form` decides its alphabet. */
  plant(input: string, form?: keyof typeof FORMS): string;
  /** Looks for a text that was made elsewhere, such as the digest of a key. */
  watch(input: string, text: string): void;
  /** `<input> at <place>` of every canary that is in the outputs, plainly, in base64 or in hexadecimal; each once. */
  find(outputs: readonly Output[]): readonly string[];
}

const FORMS = {
  /** A name: starts with a letter. */
  word: () => `zq${randomBytes(6).toString("hex")}`,
  /** A trace id of W3C Trace Context. */
  trace: () => randomBytes(16).toString("hex"),
  /** Letters only, as names of people want them. */
  letters: () =>
    `Zq${randomBytes(10)
      .toString("hex")
      .replaceAll(/\d/g, (digit) => "ghijklmnop"[Number(digit)] ?? "")}`,
};

export function createCanaries(): Canaries {
  const planted: Canary[] = [];
  return {
    plant(input, form = "word") {
      const text = FORMS[form]();
      planted.push({ input, text });
      return text;
    },
    watch(input, text) {
      planted.push({ input, text });
    },
    find(outputs) {
      const found = new Set<string>();
      const searched = planted.map(({ input, text }) => ({ input, ways: spellings(text) }));
      for (const { place, text } of outputs) {
        const haystack = normalise(text);
        for (const { input, ways } of searched) {
          if (ways.some((way) => haystack.includes(way))) found.add(`${input} at ${place}`);
        }
      }
      return [...found].toSorted();
    },
  };
}

/** Ways to write a text: as it is, in hexadecimal, and in base64 behind nought, one or two other bytes. */
function spellings(text: string): readonly string[] {
  const inBase64 = [0, 1, 2].map((shift) => {
    const whole = Buffer.from(" ".repeat(shift) + text).toString("base64");
    // The first and last characters depend on what is before and after it too.
    return whole.slice([0, 2, 3][shift], -4);
  });
  return [text, Buffer.from(text).toString("hex"), ...inBase64].map(normalise);
}

/** Case says nothing here, and base64url writes two characters differently. */
function normalise(text: string): string {
  return text.toLowerCase().replaceAll("-", "+").replaceAll("_", "/");
}

/** Every text and every name in a JSON value, with its place; positions in lists do not count. */
function outputsOfJson(value: unknown, place: string): readonly Output[] {
  if (Array.isArray(value)) return value.flatMap((item) => outputsOfJson(item, `${place}/each`));
  if (typeof value !== "object" || value === null) return [{ place, text: String(value) }];
  return Object.entries(value).flatMap(([name, member]) => [
    { place: `${place}/(name)`, text: name },
    ...outputsOfJson(member, `${place}/${name}`),
  ]);
}

/** Everything that a client sees of a response. */
export async function outputsOfResponse(response: Response): Promise<readonly Output[]> {
  const headers = [...response.headers].map(([name, text]) => ({ place: `header:${name}`, text }));
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get("Content-Type") ?? "") && text !== "";
  return [...headers, ...(isJson ? outputsOfJson(JSON.parse(text), "body:") : [{ place: "body", text }])];
}

/** Everything that a message of the Worker or its runtime says. */
export function outputsOfMessage(message: string): readonly Output[] {
  try {
    return outputsOfJson(JSON.parse(message), "log:");
  } catch {
    return [{ place: "console", text: message }];
  }
}
