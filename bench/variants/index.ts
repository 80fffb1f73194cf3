import type { BenchStack } from "../stack/stack.ts";
import { apiVariant } from "./api.ts";
import { floorVariant } from "./floor.ts";
import { helloVariant } from "./hello.ts";
import type { Variant } from "./variant.ts";

export const VARIANT_NAMES = ["api", "floor", "hello"] as const;

export type VariantName = (typeof VARIANT_NAMES)[number];

const MAKERS: Readonly<Record<VariantName, (stack: BenchStack) => Variant | Promise<Variant>>> = {
  api: apiVariant,
  floor: floorVariant,
  hello: helloVariant,
};

/** Makes the variants with these names, in this order. */
export async function prepareVariants(names: readonly VariantName[], stack: BenchStack): Promise<Variant[]> {
  return await Promise.all(names.map(async (name) => await MAKERS[name](stack)));
}
