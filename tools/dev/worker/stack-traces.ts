import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import path from "node:path";

/** Where a stack frame points to in the bundle; minified, it is one line for many files. */
const POSITION = /(?:file:\/\/[^\s"]*\/)?\bindex\.js:(\d+):(\d+)/g;

/** Makes a function that replaces positions in the bundle by those in the sources, relative to the working directory. */
export function createStackMapper(sourceMapFile: string): (text: string) => string {
  let sources: { map: SourceMap; root: string } | null = null;
  const locate = (line: number, column: number): string | null => {
    sources ??= readSources(sourceMapFile);
    const origin = sources.map.findOrigin(line, column);
    if (!("fileName" in origin)) return null;
    const file = path.relative(process.cwd(), path.resolve(sources.root, origin.fileName));
    return `${file.replaceAll(path.sep, "/")}:${origin.lineNumber}:${origin.columnNumber}`;
  };
  return (text) =>
    text.replaceAll(POSITION, (position, line, column) => locate(Number(line), Number(column)) ?? position);
}

function readSources(file: string) {
  const payload: SourceMapPayload = JSON.parse(readFileSync(file, "utf8"));
  return { map: new SourceMap(payload), root: payload.sourceRoot || path.dirname(file) };
}
