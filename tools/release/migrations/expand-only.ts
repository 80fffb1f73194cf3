import type { Migration } from "../../db/migration-files.ts";
import { noteConstraints } from "./constraints.ts";
import { noteRecorder } from "./recorders.ts";
import { createSchemaSoFar, type SchemaSoFar } from "./schema-so-far.ts";
import { findStatementDanger } from "./statement-rules.ts";
import { readStatements } from "./syntax-tree.ts";

/** A statement that the version which is still running may not survive. */
export interface Danger {
  readonly migration: string;
  /** Shortened, on one line. */
  readonly statement: string;
  readonly reason: string;
}

type Judgeable = Pick<Migration, "name" | "statements">;

/**
 * Finds what does not only expand: during a release, and after a rollback, the old version lives with the new schema. What
 * a pending migration creates itself may be changed at will; a kind of statement that is not known here is refused, and so
 * is what PostgreSQL cannot read.
 * @param earlier what has been applied before, which tells what the names of constraints stand for
 */
export async function findDangers(
  migrations: readonly Judgeable[],
  earlier: readonly Judgeable[] = [],
): Promise<readonly Danger[]> {
  const schema = createSchemaSoFar();
  for (const chunk of earlier.flatMap(({ statements }) => statements)) await noteChunk(chunk, schema);
  const dangers: Danger[] = [];
  for (const { name: migration, statements: chunks } of migrations) {
    for (const chunk of chunks) {
      for (const { text, reason } of await judgeChunk(chunk, schema))
        if (reason !== null) dangers.push({ migration, statement: shorten(text), reason });
    }
  }
  return dangers;
}

interface Judged {
  readonly text: string;
  /** Null when the running version survives it. */
  readonly reason: string | null;
}

async function judgeChunk(chunk: string, schema: SchemaSoFar): Promise<readonly Judged[]> {
  try {
    const statements = await readStatements(chunk);
    return statements.map(({ node, text }) => {
      const reason = findStatementDanger(node, schema);
      noteConstraints(node, schema);
      noteRecorder(node, text, schema, (inner) => findStatementDanger(inner, schema) === null);
      return { text, reason };
    });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return [{ text: chunk, reason: `PostgreSQL's parser cannot read it (${words})` }];
  }
}

/** What has been applied was read by PostgreSQL; should the parser here not know it, no name of it is known. */
async function noteChunk(chunk: string, schema: SchemaSoFar): Promise<void> {
  const statements = await readStatements(chunk).catch(() => []);
  for (const { node } of statements) noteConstraints(node, schema);
}

const SHOWN_LENGTH = 120;

function shorten(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line;
}
