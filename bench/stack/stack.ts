import type { ApiBundle } from "../../tools/workerd/api-bundle.ts";
import type { GatewayProcess } from "../../tools/workerd/gateway-process.ts";
import type { RecordedAnswers } from "../recording/answers.ts";
import type { Env } from "../workers/floor/env.ts";
import type { Statements } from "../workers/floor/statement.ts";
import type { BenchDatabase } from "./database.ts";

/** What the API sends to the database and says to clients. */
export interface Recording {
  readonly statements: Statements;
  readonly problems: Env["PROBLEMS"];
  readonly answers: RecordedAnswers;
}

/** Everything that the variants have in common. */
export interface BenchStack {
  /** Only we can enter it: it holds secrets. */
  readonly folder: string;
  readonly database: BenchDatabase;
  readonly gateway: GatewayProcess;
  readonly api: ApiBundle;
  readonly recording: Recording;
}
