import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { z } from "zod";

import { ASSETS } from "../assets/build.ts";
import { buildMetadata } from "../bundle/measure.ts";
import { ROOT } from "../process/run-script.ts";
import { billOfMaterials, keepShipped, packageFolders } from "./bill-of-materials.ts";
import { METADATA } from "./bundle.ts";
import { runNpm } from "./npm.ts";

const HELP = `Usage: npm run sbom

Writes dist/sbom.cdx.json: npm's software bill of materials (CycloneDX), cut down to what is in dist/bundle.
npm run bundle comes first.`;

const SBOM = join(ROOT, "dist/sbom.cdx.json");

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** `name@version` of every package whose code or files are in the bundle. */
function shippedPackages(): readonly string[] {
  const inputs = Object.values(buildMetadata.parse(readJson(METADATA)).outputs).flatMap((each) =>
    Object.entries(each.inputs),
  );
  const sources = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  return packageFolders([...sources, ...Object.values(ASSETS)]).map((folder) => {
    const { name, version } = manifest.parse(readJson(join(ROOT, "node_modules", folder, "package.json")));
    return `${name}@${version}`;
  });
}

function main(): void {
  const { exitCode, output } = runNpm(["sbom", "--sbom-format", "cyclonedx"], "return");
  if (exitCode !== 0) throw new Error(`npm sbom ended with ${exitCode}`);
  const project = manifest.parse(readJson(join(ROOT, "package.json")));
  const document = keepShipped(billOfMaterials.parse(JSON.parse(output)), { project, packages: shippedPackages() });
  writeFileSync(SBOM, `${JSON.stringify(document, null, 2)}\n`);
  console.log(document.components.map(({ name, version }) => `${name} ${version}`).join("\n"));
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { help: { type: "boolean", default: false } } });
  try {
    if (values.help) console.log(HELP);
    else main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
