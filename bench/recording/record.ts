import { BENCH_CALLER } from "../scenarios/keys.ts";
import { GET_BY_ID, GET_BY_USERNAME, LIST_100, LIST_20 } from "../scenarios/reads.ts";
import { type RequestTemplate, toRequest } from "../scenarios/template.ts";
import { CREATE, DELETE, KEYED_CREATE, PATCH } from "../scenarios/writes.ts";
import { type Operation, OPERATIONS, type Statements } from "../workers/floor/statement.ts";
import { send } from "./answers.ts";
import type { Recorder } from "./recorder.ts";
import { type Sample, toStatement, valuesOf } from "./statements.ts";

/** Two requests for each operation, which differ in all that can differ. */
const SAMPLES: Readonly<Record<Operation, readonly [RequestTemplate, RequestTemplate]>> = {
  getById: [GET_BY_ID, GET_BY_ID],
  getByUsername: [GET_BY_USERNAME, GET_BY_USERNAME],
  list: [LIST_20, LIST_100],
  create: [CREATE, withOtherName(CREATE)],
  keyedCreate: [KEYED_CREATE, withOtherName(KEYED_CREATE)],
  patch: [PATCH, withOtherName(PATCH)],
  delete: [DELETE, DELETE],
};

/** Notes what the API sends to the database for each operation. The table is not what it was afterwards. */
export async function recordStatements(origin: string, recorder: Recorder): Promise<Statements> {
  const statements: Partial<Record<Operation, Statements[Operation]>> = {};
  for (const operation of OPERATIONS) {
    const [first, second] = SAMPLES[operation];
    recorder.take();
    const samples = [
      await takeSample({ origin, recorder, operation }, first, 0),
      await takeSample({ origin, recorder, operation }, second, 1),
    ] as const;
    statements[operation] = toStatement(operation, ...samples);
  }
  return statements as Statements;
}

interface SampleOptions {
  readonly origin: string;
  readonly recorder: Recorder;
  readonly operation: Operation;
}

async function takeSample(
  { origin, recorder, operation }: SampleOptions,
  template: RequestTemplate,
  index: number,
): Promise<Sample> {
  const request = toRequest(template, { index, nonce: `rec${String(OPERATIONS.indexOf(operation)).padStart(3, "0")}` });
  const answer = await send(origin, request);
  const [exchange, ...others] = recorder.take();
  if (answer.status !== template.status)
    throw new Error(`${operation}: the API answered ${answer.status}: ${answer.body}`);
  if (exchange === undefined || others.length > 0) {
    throw new Error(`${operation}: one statement was expected of the API, not ${others.length + (exchange ? 1 : 0)}`);
  }
  return { exchange, values: valuesOf(request, answer.body, BENCH_CALLER) };
}

function withOtherName(template: RequestTemplate): RequestTemplate {
  return { ...template, body: template.body?.replace(/"full_name":"[^"]+"/, '"full_name":"Other Name"') ?? null };
}
