import type { BenchStack } from "../stack/stack.ts";
import { apiVariant } from "./api.ts";
import { ceilingVariant } from "./ceiling.ts";
import { floorVariant } from "./floor.ts";
import { helloVariant } from "./hello.ts";
import { nodeVariant } from "./node.ts";
import { withoutOutboxVariant } from "./outbox.ts";
import { starterVariant } from "./starter.ts";
import { brokenTelemetryVariant, silentTelemetryVariant, telemetryVariant } from "./telemetry.ts";
import type { Variant } from "./variant.ts";

export const VARIANT_NAMES = [
  "api",
  "floor",
  "hello",
  "ceiling",
  "starter",
  "node",
  "api-telemetry",
  "api-telemetry-down",
  "api-telemetry-silent",
  "api-no-outbox",
] as const;

export type VariantName = (typeof VARIANT_NAMES)[number];

const MAKERS: Readonly<Record<VariantName, (stack: BenchStack) => Variant | Promise<Variant>>> = {
  api: apiVariant,
  floor: floorVariant,
  hello: helloVariant,
  ceiling: ceilingVariant,
  starter: starterVariant,
  node: nodeVariant,
  "api-telemetry": telemetryVariant,
  "api-telemetry-down": brokenTelemetryVariant,
  "api-telemetry-silent": silentTelemetryVariant,
  "api-no-outbox": withoutOutboxVariant,
};

/** Variants that are a reference of some scenarios only: elsewhere they are measured when they are named. */
const REFERENCE_OF: Partial<Readonly<Record<string, Variant["serves"]>>> = {
  hello: ({ isConstant }) => isConstant,
  "api-telemetry": ({ name }) => name === "get-by-id",
  "api-telemetry-down": ({ name }) => name === "get-by-id",
  "api-telemetry-silent": ({ name }) => name === "get-by-id",
  "api-no-outbox": ({ isWriting }) => isWriting,
};

/** Makes the variants with these names, in this order. `isEager`: also where they are no reference. */
export async function prepareVariants(
  names: readonly VariantName[],
  stack: BenchStack,
  isEager = true,
): Promise<Variant[]> {
  const variants = await Promise.all(names.map(async (name) => await MAKERS[name](stack)));
  if (isEager) return variants;
  return variants.map((variant) => ({ ...variant, serves: REFERENCE_OF[variant.name] ?? variant.serves }));
}
