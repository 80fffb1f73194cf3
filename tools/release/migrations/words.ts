import { splitAt, type Token } from "./tokens.ts";

/** Reads the words of a statement from left to right. */
export interface WordReader {
  /** Whether these keywords come next; steps over them if they do. A `|` separates alternatives. */
  skip(keywords: string): boolean;
  /** The next name, without its schema, as PostgreSQL stores it; empty when something else comes. */
  name(): string;
  /** The next name with its schema, `public` when none is written, as one key; empty when something else comes. */
  table(): string;
  /** What is left. */
  rest(): readonly Token[];
}

export function readWords(tokens: readonly Token[]): WordReader {
  let place = 0;
  const isNext = (words: readonly string[]): boolean =>
    words.every((word, offset) => {
      const token = tokens[place + offset];
      return token?.kind === "word" && word.split("|").includes(token.text);
    });
  const isDot = (): boolean => tokens[place]?.kind === "symbol" && tokens[place]?.text === ".";
  const takeName = (): string => {
    const token = tokens[place];
    if (token === undefined || (token.kind !== "word" && token.kind !== "name")) return "";
    place += 1;
    return token.kind === "word" ? token.text.toLowerCase() : token.text;
  };
  const takeNames = (): readonly string[] => {
    const names = [takeName()];
    while (names.at(-1) !== "" && isDot()) {
      place += 1;
      names.push(takeName());
    }
    return names;
  };
  return {
    skip(keywords) {
      const words = keywords.split(" ");
      if (!isNext(words)) return false;
      place += words.length;
      return true;
    },
    name: () => takeNames().at(-1) ?? "",
    table() {
      const [name = "", schema = "public"] = takeNames().toReversed();
      return name === "" ? "" : JSON.stringify([schema, name]);
    },
    rest: () => tokens.slice(place),
  };
}

/** Whether the keywords occur one after the other, outside of parentheses. */
export function hasWords(tokens: readonly Token[], keywords: string): boolean {
  const words = keywords.split(" ");
  const depths = depthsOf(tokens);
  return tokens.some((_, start) =>
    words.every((word, offset) => {
      const token = tokens[start + offset];
      return token?.kind === "word" && token.text === word && depths[start + offset] === 0;
    }),
  );
}

function depthsOf(tokens: readonly Token[]): readonly number[] {
  let depth = 0;
  return tokens.map(({ kind, text }) => {
    if (kind === "symbol" && text === ")") depth -= 1;
    const own = depth;
    if (kind === "symbol" && text === "(") depth += 1;
    return own;
  });
}

/** The elements in the first pair of parentheses; empty when there is none. */
export function listedElements(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const depths = depthsOf(tokens);
  const open = tokens.findIndex(({ kind, text }) => kind === "symbol" && text === "(");
  const close = tokens.findIndex(
    ({ kind, text }, place) => place > open && depths[place] === 0 && kind === "symbol" && text === ")",
  );
  return open === -1 || close === -1 ? [] : splitAt(tokens.slice(open + 1, close), ",");
}

/** The names in the first pair of parentheses; null when one of its elements is more than a name. */
export function listedNames(tokens: readonly Token[]): readonly string[] | null {
  const open = tokens.findIndex(({ kind, text }) => kind === "symbol" && text === "(");
  const close = tokens.findIndex(({ kind, text }) => kind === "symbol" && text === ")");
  if (open === -1 || close < open) return null;
  const inside = tokens.slice(open + 1, close);
  const isList = inside.every(({ kind, text }, place) =>
    place % 2 === 1 ? kind === "symbol" && text === "," : kind === "word" || kind === "name",
  );
  if (!isList) return null;
  const names = inside.filter((_, place) => place % 2 === 0);
  return names.map(({ kind, text }) => (kind === "word" ? text.toLowerCase() : text));
}
