/** What a step of the page asks for, in order. */
export type Part =
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  | { readonly kind: "edit"; readonly path: string; readonly hunks: readonly Hunk[] }
  | { readonly kind: "command"; readonly line: string };

/** Lines that stand in a file, and what they become; both end with a line break. */
export interface Hunk {
  readonly before: string;
  readonly after: string;
}

export interface Step {
  /** As the page has it: `4. Make the table`. */
  readonly title: string;
  readonly parts: readonly Part[];
}

/** The page asks for something that cannot be done. */
export class PageError extends Error {
  override readonly name = "PageError";
}

/** A heading of a step, a path alone in its paragraph, or a fenced block. */
const TOKEN = /^## (?<title>.+)$|^`(?<path>[\w./-]+)`$|^```(?<language>\w*)\n(?<code>[\s\S]*?)^```$/gm;

/**
 * Reads the numbered sections of the page. A block of code belongs to the path before it: `ts` is a new file, `diff` an edit. Each
 * line of a block in `sh` is a command; `console` is for people.
 * @throws PageError for a block that is none of these, or that has no path
 */
export function parsePage(markdown: string): Step[] {
  const steps: { title: string; parts: Part[] }[] = [];
  let path: string | undefined;
  for (const { groups = {} } of markdown.matchAll(TOKEN)) {
    const { title, language, code = "" } = groups;
    if (title !== undefined) steps.push({ title, parts: [] });
    else if (language !== undefined) steps.at(-1)?.parts.push(...readBlock(language, code, path));
    path = groups["path"];
  }
  return steps.filter(({ title }) => /^\d+\. /.test(title));
}

function readBlock(language: string, code: string, path: string | undefined): Part[] {
  if (language === "console") return [];
  if (language === "sh")
    return code
      .trimEnd()
      .split("\n")
      .map((line) => ({ kind: "command", line }));
  if (path === undefined) throw new PageError(`a block in ${language || "no language"} says no path:\n${code}`);
  if (language === "ts") return [{ kind: "file", path, text: code }];
  if (language === "diff") return [{ kind: "edit", path, hunks: code.split(/^@@\n/m).map(readHunk) }];
  throw new PageError(`a block in ${language} cannot be put into ${path}`);
}

function readHunk(diff: string): Hunk {
  const lines = diff.trimEnd().split("\n");
  const unmarked = lines.find((line) => line !== "" && !/^[ +-]/.test(line));
  if (unmarked !== undefined) throw new PageError(`a line of a diff begins with neither blank, + nor -: ${unmarked}`);
  const side = (mark: string): string =>
    lines
      .flatMap((line) => (line === "" || line[0] === " " || line[0] === mark ? [`${line.slice(1)}\n`] : []))
      .join("");
  return { before: side("-"), after: side("+") };
}

/** The text after the edit. @throws PageError unless the lines of each hunk stand in the text once */
export function applyHunks(text: string, hunks: readonly Hunk[], path: string): string {
  return hunks.reduce((edited, hunk) => applyHunk(edited, hunk, path), text);
}

function applyHunk(text: string, { before, after }: Hunk, path: string): string {
  // With a line break in front, only whole lines are found.
  const pieces = `\n${text}`.split(`\n${before}`);
  if (before === "" || pieces.length !== 2) {
    const found = before === "" || pieces.length < 2 ? "nowhere" : "more than once";
    throw new PageError(`${path} has these lines ${found}:\n${before}`);
  }
  return pieces.join(`\n${after}`).slice(1);
}
