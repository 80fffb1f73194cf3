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
  let isInBody = false;
  for (const token of tokens) {
    const part = parts.at(-1) ?? [];
    depth += nesting(token);
    if (depth <= 0) isInBody = isInBody ? !endsBody(token, part) : startsBody(token, part);
    if (depth <= 0 && !isInBody && token.kind === "symbol" && token.text === symbol) parts.push([]);
    else part.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

function nesting({ kind, text }: Token): number {
  return kind === "symbol" ? ({ "(": 1, ")": -1, "[": 1, "]": -1 }[text] ?? 0) : 0;
}

const ROUTINE = /^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) /;

/** `BEGIN ATOMIC … END` holds statements with semicolons of their own; elsewhere the two words may be a column and its label. */
function startsBody({ kind, text }: Token, before: readonly Token[]): boolean {
  if (kind !== "word" || text !== "ATOMIC" || before.at(-1)?.text !== "BEGIN") return false;
  const beginning = before.slice(0, 5).map((token) => token.text);
  return ROUTINE.test(beginning.join(" "));
}

/** Only the END of a body follows a semicolon; that of a CASE, or a label, never does. */
function endsBody({ kind, text }: Token, before: readonly Token[]): boolean {
  const last = before.at(-1)?.text;
  return kind === "word" && text === "END" && (last === ";" || last === "ATOMIC");
}
