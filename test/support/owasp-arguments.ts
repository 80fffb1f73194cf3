import { readFileSync } from "node:fs";
import path from "node:path";

import { ROOT } from "../../tools/process/run-script.ts";

export interface ArguedFinding {
  readonly code: string;
  readonly place: string;
}

/** Findings that the table of docs/api.md argues: rule, places (each in backticks), reason. */
export function readArguedFindings(markdown = readFileSync(path.join(ROOT, "docs/api.md"), "utf8")): ArguedFinding[] {
  return markdown.split("\n").flatMap((line) => {
    const [, rule = "", places = "", reason = ""] = line.split("|").map((cell) => cell.trim());
    const code = /^`(owasp:[^`]+)`$/.exec(rule)?.[1];
    if (code === undefined) return [];
    if (reason.length < 40) throw new Error(`docs/api.md gives no reason for ${code}: ${line}`);
    return [...places.matchAll(/`([^`]+)`/g)].flatMap(([, place = ""]) =>
      expand(place).map((one) => ({ code, place: one })),
    );
  });
}

/** `GET /health 200 400` stands for one place per status. */
function expand(place: string): string[] {
  const [, operation, statuses] = /^([A-Z]+ \S+)((?: \d{3})+)$/.exec(place) ?? [];
  if (operation === undefined || statuses === undefined) return [place];
  return statuses
    .trim()
    .split(" ")
    .map((status) => `${operation} ${status}`);
}
