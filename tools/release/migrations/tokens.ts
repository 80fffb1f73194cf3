/** A piece of SQL: comments and white space are gone, and what a string holds is nobody's business. */
export interface Token {
  /** `word` is a bare word in upper case, `name` a quoted identifier as it stands. */
  readonly kind: "word" | "name" | "string" | "number" | "symbol";
  readonly text: string;
  /** As it was written. */
  readonly source: string;
}

interface Match {
  /** Null for what does not count. */
  readonly token: Token | null;
  readonly length: number;
}

/**
 * PostgreSQL's lexical rules as far as finding statements and their words needs them. What is not closed reaches to the end.
 * See https://www.postgresql.org/docs/17/sql-syntax-lexical.html
 */
export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let position = 0; position < sql.length;) {
    const { token, length } = matchAt(sql, position);
    if (token !== null) tokens.push(token);
    position += length;
  }
  return tokens;
}

const PATTERNS: readonly (readonly [pattern: RegExp, kind: Token["kind"] | null])[] = [
  [/\s+|--[^\n]*/y, null],
  [/[eE]'(?:[^'\\]|\\[^]|'')*(?:'|\\?$)/y, "string"],
  [/(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)/y, "string"],
  [/(?:[uU]&)?"(?:[^"]|"")*(?:"|$)/y, "name"],
  // A tag follows no letter or digit: in `a$b$` the dollars belong to the word.
  [/\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[^]*?(?:\$\k<tag>\$|$(?![^]))/uy, "string"],
  [/[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy, "word"],
  [/\d[\w.]*|\.\d[\w.]*/y, "number"],
];

function matchAt(sql: string, position: number): Match {
  if (sql.startsWith("/*", position)) return { token: null, length: commentLength(sql, position) };
  for (const [pattern, kind] of PATTERNS) {
    pattern.lastIndex = position;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { token: kind === null ? null : toToken(kind, text), length: text.length };
  }
  const symbol = String.fromCodePoint(sql.codePointAt(position) ?? 0);
  return { token: toToken("symbol", symbol), length: symbol.length };
}

function toToken(kind: Token["kind"], source: string): Token {
  if (kind === "word") return { kind, text: source.toUpperCase(), source };
  if (kind === "name") return { kind, text: source.slice(source.indexOf('"') + 1, -1).replaceAll('""', '"'), source };
  return { kind, text: source, source };
}

/** Block comments nest. */
function commentLength(sql: string, start: number): number {
  let depth = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex - start;
  }
  return sql.length - start;
}

/** Splits at a symbol that stands outside of parentheses and of the body of a SQL-standard function. */
export function splitAt(tokens: readonly Token[], symbol: ";" | ","): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const [place, token] of tokens.entries()) {
    depth += nesting(token, tokens[place + 1]);
    if (depth <= 0 && token.kind === "symbol" && token.text === symbol) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

/** `BEGIN ATOMIC … END` holds statements with semicolons of their own, and CASE has an END too. */
function nesting({ kind, text }: Token, next: Token | undefined): number {
  if (kind === "symbol") return { "(": 1, ")": -1, "[": 1, "]": -1 }[text] ?? 0;
  if (kind !== "word") return 0;
  if (text === "BEGIN") return next?.text === "ATOMIC" ? 1 : 0;
  if (text === "CASE") return 1;
  return text === "END" ? -1 : 0;
}
