import { is, Param, Placeholder, type SQLWrapper } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { PgDialect } from "drizzle-orm/pg-core";

/** Builds statements from the schema; it has no connection and runs none. */
export const builder = drizzle.mock();

/** Values of a statement by the names of its placeholders, as the columns take them. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * What it means to run a statement twice. `read` changes nothing. `repeatable-write` has its effect once, however often it is
 * sent. `write` must not be sent again unless it certainly had no effect.
 */
export type StatementKind = "read" | "repeatable-write" | "write";

/** A statement of which only the values change. */
export interface Statement<Given extends Values> {
  /** What the log and the metrics call it. */
  readonly name: string;
  readonly kind: StatementKind;
  readonly text: string;
  /** The parameters of `text`, in their order, as the driver takes them. */
  bind(values: Given): unknown[];
}

/** Makes the place for a value in a statement; the names are those of its values. */
export type PlaceholderFor<Given extends Values> = (name: keyof Given & string) => Placeholder;

const dialect = new PgDialect();

/**
 * A statement whose text is built from the schema when it is first used, and never again: building costs more than
 * everything else that a request does in JavaScript (docs/performance.md).
 */
export function prepareStatement<Given extends Values>(
  name: string,
  kind: StatementKind,
  build: (placeholder: PlaceholderFor<Given>) => SQLWrapper,
): Statement<Given> {
  let built: ReturnType<typeof compile> | null = null;
  const compiled = () => (built ??= compile(build((placeholder) => new Placeholder(placeholder))));
  return {
    name,
    kind,
    get text() {
      return compiled().text;
    },
    bind: (values) => compiled().parameters.map((parameter) => parameter(values)),
  };
}

type Parameter = (values: Values) => unknown;

function compile(query: SQLWrapper): { readonly text: string; readonly parameters: readonly Parameter[] } {
  const { sql: text, params } = dialect.sqlToQuery(query.getSQL());
  return { text, parameters: params.map(toParameter) };
}

function toParameter(param: unknown): Parameter {
  if (is(param, Placeholder)) return (values) => values[param.name];
  if (is(param, Param) && is(param.value, Placeholder)) {
    const { encoder, value } = param;
    return (values) => encoder.mapToDriverValue(values[value.name]);
  }
  return () => param;
}

/** Statements that differ by their shape, each prepared when it is first needed. Shapes are few and hold no values of clients. */
export function prepareByShape<Shape extends object, Given extends Values>(
  prepare: (shape: Shape) => Statement<Given>,
): (shape: Shape) => Statement<Given> {
  const prepared = new Map<string, Statement<Given>>();
  return (shape) => {
    const key = JSON.stringify(shape);
    const statement = prepared.get(key) ?? prepare(shape);
    prepared.set(key, statement);
    return statement;
  };
}
