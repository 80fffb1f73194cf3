import { groupOf } from "../profile/sources.ts";

/** Bytes of the bundle that come from one package or folder. */
export interface Share {
  readonly name: string;
  readonly bytes: number;
  /** From 0 to 1. */
  readonly share: number;
}

interface Metadata {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

/** What esbuild says each source file left in the bundle, by package or folder, the largest first. */
export function sharesOf({ outputs }: Metadata): readonly Share[] {
  const sums = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    const name = groupOf(file);
    sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
  }
  const total = [...sums.values()].reduce((sum, bytes) => sum + bytes, 0);
  return [...sums]
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => ({ name, bytes, share: bytes / total }))
    .toSorted((left, right) => right.bytes - left.bytes);
}
