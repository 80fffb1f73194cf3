/** The operations that ask the database. */
export const OPERATIONS = ["getById", "getByUsername", "list", "create", "keyedCreate", "patch", "delete"] as const;

export type Operation = (typeof OPERATIONS)[number];

/** One statement, as it is recorded from the API. */
export interface Statement {
  readonly query: string;
  /** In order: a value that the request gives, or one that never changes. */
  readonly params: readonly ({ readonly value: string } | { readonly constant: unknown })[];
  /** Where in a row of the result a column is. */
  readonly columns: Readonly<Record<string, number>>;
}

export type Statements = Readonly<Record<Operation, Statement>>;
