import { stripVTControlCharacters } from "node:util";

/** Lines of wrangler that say nothing a developer of this API needs; requests are in the Worker's own log. */
const NOISE = [
  /^\[wrangler:info\]/,
  /^Using secrets defined in /,
  /^⎔ Starting local server/,
  /^⎔ Shutting down/,
  /^🪵/u,
  /^─+$/,
  /^\[custom build\] Running: /,
];

/** Messages of several lines, each with what its further lines look like. */
const NOISE_BLOCKS = [
  { start: /^Your Worker has access to the following bindings/, rest: /^(?:Binding\s+Resource|env\.)/ },
  // What a workerd that is being replaced writes at last.
  { start: /disconnected: ::write\(.*Broken pipe/, rest: /^\s*stack: / },
  { start: /^▲\s*\[WARNING\]\s+Scheduled Workers are not automatically triggered/u, rest: /^\s/ },
];

/** wrangler frames console.warn and console.error of the Worker; inside is one JSON event. */
const FRAMED_LOG = /^(?:▲|✘)\s*\[(?:WARNING|ERROR)\]\s+(\{.*\})$/u;

/** Makes a filter for the output of `wrangler dev`, line by line: what to show, or null for nothing. */
export function createOutputFilter(): (line: string) => string | null {
  let rest: RegExp | null = null;
  return (rawLine) => {
    const line = stripVTControlCharacters(rawLine).trimEnd();
    if (line === "" || rest?.test(line)) return null;
    rest = NOISE_BLOCKS.find(({ start }) => start.test(line))?.rest ?? null;
    if (rest !== null || NOISE.some((pattern) => pattern.test(line))) return null;
    return FRAMED_LOG.exec(line)?.[1] ?? line;
  };
}
