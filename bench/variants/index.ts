import type { BenchStack } from "../stack/stack.ts";
import { apiVariant } from "./api.ts";
import { floorVariant } from "./floor.ts";
import { helloVariant } from "./hello.ts";
import { nodeVariant } from "./node.ts";
import { starterVariant } from "./starter.ts";
import type { Variant } from "./variant.ts";

export const VARIANT_NAMES = ["api", "floor", "hello", "starter", "node"] as const;

export type VariantName = (typeof VARIANT_NAMES)[number];

const MAKERS: Readonly<Record<VariantName, (stack: BenchStack) => Variant | Promise<Variant>>> = {
  api: apiVariant,
  floor: floorVariant,
  hello: helloVariant,
  starter: starterVariant,
  node: nodeVariant,
};

/** Makes the variants with these names, in this order. `isEager`: also where they are no reference. */
export async function prepareVariants(
  names: readonly VariantName[],
  stack: BenchStack,
  isEager = true,
): Promise<Variant[]> {
  const variants = await Promise.all(names.map(async (name) => await MAKERS[name](stack)));
  return variants.map((variant) =>
    variant.name === "hello" && !isEager ? { ...variant, serves: ({ isConstant }) => isConstant } : variant,
  );
}
