import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** SHA-256 of each file, in hexadecimal, by its path with slashes. */
export type Checksums = ReadonlyMap<string, string>;

export function checksumFolder(folder: string): Checksums {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .toSorted();
  return new Map(files.map((file) => [file, sha256(readFileSync(join(folder, file)))]));
}

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** The format of `sha256sum`, which can check it. */
export const formatChecksums = (checksums: Checksums): string =>
  [...checksums].map(([file, hash]) => `${hash}  ${file}\n`).join("");

/** @throws Error for a line of another form, or when there is none */
export function parseChecksums(text: string): Checksums {
  const entries = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): [string, string] => {
      const [, hash, file] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
      if (hash === undefined || file === undefined) throw new Error(`not a line of SHA-256 sums: ${line}`);
      return [file, hash];
    });
  if (entries.length === 0) throw new Error("there are no SHA-256 sums");
  return new Map(entries);
}

/** Says of each file that differs how it does; nothing when both hold the same. */
export function differences(expected: Checksums, actual: Checksums): readonly string[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].toSorted().flatMap((file) => {
    const [before, after] = [expected.get(file), actual.get(file)];
    if (before === after) return [];
    if (after === undefined) return [`${file} is missing`];
    return [before === undefined ? `${file} is new` : `${file} differs: ${after}, not ${before}`];
  });
}
