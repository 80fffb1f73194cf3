import { rmSync, writeFileSync } from "node:fs";

import { StartError } from "./options.ts";

/** Writes variables where only this user can read them: the arguments of a process are visible to everybody. */
export function writeEnvFile(file: string, variables: Readonly<Record<string, string>>): void {
  rmSync(file, { force: true });
  writeFileSync(file, formatEnvFile(variables), { mode: 0o600, flag: "wx" });
}

/**
 * Formats variables so that wrangler reads back exactly these values.
 * @throws StartError for a value that the format cannot hold
 */
export function formatEnvFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quote(name, value)}\n`)
    .join("");
}

/** Quotes cannot be escaped in this format; and wrangler expands $NAME even inside quotes, unless it is written \$. */
function quote(name: string, value: string): string {
  const isPlainInDoubleQuotes = !/\\[nr]/.test(value);
  const mark = ["'", "`", ...(isPlainInDoubleQuotes ? ['"'] : [])].find((candidate) => !value.includes(candidate));
  if (mark === undefined || value.includes("\r")) {
    throw new StartError(
      `${name} mixes all kinds of quotes or has carriage returns, which wrangler cannot read; use another value.`,
    );
  }
  return `${mark}${value.replaceAll("$", "\\$")}${mark}`;
}
