/** What was spent in one place. */
export interface Spent {
  readonly name: string;
  /** Microseconds, or bytes. */
  readonly amount: number;
}

/** Sums amounts by name, the largest first. */
export function rank(spent: Iterable<Spent>): readonly Spent[] {
  const sums = new Map<string, number>();
  for (const { name, amount } of spent) sums.set(name, (sums.get(name) ?? 0) + amount);
  return [...sums].map(([name, amount]) => ({ name, amount })).toSorted((left, right) => right.amount - left.amount);
}

/** Where a function stands, as V8 has it. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
}
