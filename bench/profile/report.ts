import { formatTable } from "../../tools/rehearsal/report/table.ts";
import { rank, type Spent } from "./ranking.ts";

type Grouped = Spent & { readonly group: string };

export interface ProfileTable {
  readonly title: string;
  readonly spent: readonly Grouped[];
  /** Requests that were answered meanwhile. */
  readonly requests: number;
  /** Unit of the amounts, per request. */
  readonly unit: string;
}

const MAX_FUNCTIONS = 25;

/** Functions and groups that take most, each with its share and its amount per request. */
export function formatProfile({ title, spent, requests, unit }: ProfileTable): string[] {
  const total = spent.reduce((sum, { amount }) => sum + amount, 0);
  const row = ({ name, amount }: Spent): string[] => [
    name,
    `${((100 * amount) / total).toFixed(1)} %`,
    (amount / Math.max(1, requests)).toFixed(1),
  ];
  const header = (what: string): string[] => [what, "share", `${unit} per request`];
  const groups = rank(spent.map(({ group, amount }) => ({ name: group, amount })));
  return [
    "",
    `${title}: ${(total / Math.max(1, requests)).toFixed(1)} ${unit} per request, ${requests} requests`,
    "",
    ...formatTable(header("function, by itself"), rank(spent).slice(0, MAX_FUNCTIONS).map(row)),
    "",
    ...formatTable(header("package or folder"), groups.map(row)),
  ];
}
