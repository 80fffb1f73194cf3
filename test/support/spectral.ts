import { readFileSync } from "node:fs";
import path from "node:path";

import type { OpenapiDocument, OperationObject } from "../../tools/openapi/document.ts";
import { binPath, ROOT, runScript } from "../../tools/process/run-script.ts";

export interface SpectralFinding {
  readonly code: string;
  readonly message: string;
  /** An operation with a status (`GET /health 200`), else the place in the document (`servers/0`). */
  readonly place: string;
}

interface Report {
  readonly code: string | number;
  readonly message: string;
  readonly path: readonly (string | number)[];
}

type Ruleset = ".spectral.yaml" | ".spectral-owasp.yaml" | ".spectral-asyncapi.yaml";

/** What a committed rule set of Spectral finds in a document, hints included. */
export async function runSpectral(ruleset: Ruleset, file: string) {
  const options = [
    "--ruleset",
    path.join(ROOT, ruleset),
    "--format",
    "json",
    "--quiet",
    "--display-only-failures=false",
  ];
  const { exitCode, output } = await runScript(binPath("@stoplight/spectral-cli", "spectral"), [
    "lint",
    file,
    ...options,
  ]);
  // 0 and 1 tell whether there are errors; 2 is a failure of the tool, which must not look like a clean bill of health.
  if (exitCode > 1) throw new Error(`Spectral failed: ${output}`);
  const reports = JSON.parse(output) as readonly Report[];
  const document = JSON.parse(readFileSync(file, "utf8")) as OpenapiDocument;
  return reports.map((report): SpectralFinding => ({
    code: String(report.code),
    message: report.message,
    place: placeOf(document, report),
  }));
}

function placeOf(document: OpenapiDocument, { path: keys }: Report): string {
  const [section, route = "", method, part, key = ""] = keys.map(String);
  if (section !== "paths" || method === undefined) return keys.join("/");
  const operation = `${method.toUpperCase()} ${route}`;
  if (part === "responses" && key !== "") return `${operation} ${key}`;
  return part === "parameters" ? `${operation} ${nameOf(document.paths?.[route]?.[method], key)}` : operation;
}

function nameOf(operation: OperationObject | undefined, index: string): string {
  return operation?.parameters?.[Number(index)]?.name ?? `parameter ${index}`;
}
