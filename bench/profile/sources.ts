/** Where in the bundle the code of a source file begins. */
interface Section {
  /** From 0. */
  readonly line: number;
  readonly file: string;
}

/** Tells which source file a line of an unminified bundle comes from. */
export type SourceFinder = (line: number) => string | null;

/** Reads esbuild's comments, one before the code of each file. */
export function createSourceFinder(bundle: string): SourceFinder {
  const sections = bundle.split("\n").flatMap((text, line): Section[] => {
    const [, file] = /^\/\/ ((?:\.\.\/)*(?:src|node_modules)\/\S+)$/.exec(text) ?? [];
    return file === undefined ? [] : [{ line, file }];
  });
  return (line) => sections.findLast((section) => section.line <= line)?.file ?? null;
}

/** What a source file belongs to: an npm package, or a folder of our own. */
export function groupOf(file: string): string {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  if (name !== undefined) return name;
  const [, folder] = /^(?:\.\.\/)*(src(?:\/[^/]+)?)\/[^/]/.exec(file) ?? [];
  return folder ?? file;
}
