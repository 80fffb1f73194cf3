import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { beforeAll, test } from "vitest";

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
  /** The file of the document. */
  readonly source: string;
}

type Ruleset = ".spectral.yaml" | ".spectral-owasp.yaml" | ".spectral-asyncapi.yaml";

/** A mistake by name, the rule that finds it, and how it is made in the text of a document. */
export type Mistake = readonly [name: string, rule: string, spoil: (text: string) => string];

/** @throws Error when the text is as before, so that nothing would be found for want of a mistake */
export function spoilt(text: string, spoil: Mistake[2]): string {
  const changed = spoil(text);
  if (changed === text) throw new Error("nothing was spoilt");
  return changed;
}

/** Tests that a rule set finds nothing in a committed document, and each mistake that is made in it. */
export function testRules(ruleset: Ruleset, text: string, mistakes: readonly Mistake[]): void {
  let ofCommitted: readonly SpectralFinding[] | undefined;
  let ofSpoilt: readonly (readonly SpectralFinding[])[];

  beforeAll(async () => {
    const texts = [text, ...mistakes.map(([, , spoil]) => spoilt(text, spoil))];
    [ofCommitted, ...ofSpoilt] = await runSpectral(ruleset, texts);
  }, SPECTRAL_MS);

  test("find nothing", ({ expect }) => {
    expect(ofCommitted).toEqual([]);
  });

  test.for(mistakes.map(([name, rule], index) => [name, rule, index] as const))(
    "find %s",
    ([, rule, index], { expect }) => {
      expect(ofSpoilt[index]?.map(({ code }) => code)).toContain(rule);
    },
  );
}

/** For several documents in one run, on a machine that may be busy. */
export const SPECTRAL_MS = 300_000;

/**
 * What a committed rule set of Spectral finds in each of some documents, hints included. All of them in one run: starting takes longer than
 * reading a document.
 */
export async function runSpectral(
  ruleset: Ruleset,
  texts: readonly string[],
): Promise<readonly (readonly SpectralFinding[])[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "spectral-"));
  try {
    const files = texts.map((text, index) => {
      const file = path.join(folder, `${index}.json`);
      writeFileSync(file, text);
      return file;
    });
    const reports = await report(ruleset, files);
    return files.map((file, index) => {
      const document = JSON.parse(texts[index] ?? "") as OpenapiDocument;
      return reports
        .filter(({ source }) => source === file)
        .map((found): SpectralFinding => ({
          code: String(found.code),
          message: found.message,
          place: placeOf(document, found),
        }));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function report(ruleset: Ruleset, files: readonly string[]): Promise<readonly Report[]> {
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
    ...files,
    ...options,
  ]);
  // 0 and 1 tell whether there are errors; 2 is a failure of the tool, which must not look like a clean bill of health.
  if (exitCode > 1) throw new Error(`Spectral failed: ${output}`);
  const reports = JSON.parse(output) as readonly Report[];
  const stray = reports.find(({ source }) => !files.includes(source));
  if (stray !== undefined) throw new Error(`Spectral found ${stray.code} in ${stray.source}, which it was not given`);
  return reports;
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
