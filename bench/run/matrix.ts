import { setTimeout as sleep } from "node:timers/promises";

import { processorMs } from "../cold-start/processor-time.ts";
import { assertAnswers, type Load, type LoadResult, type LoadTool } from "../load/load.ts";
import { ROW_COUNT } from "../scenarios/rows.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { type BenchDatabase, deletableFor } from "../stack/database.ts";
import type { Variant, VariantServer } from "../variants/variant.ts";
import { createNonces } from "./nonces.ts";
import type { Verify } from "./verify.ts";

/** What is measured. */
export interface Matrix {
  readonly scenarios: readonly Scenario[];
  readonly connections: readonly number[];
  readonly variants: readonly Variant[];
  readonly rounds: number;
  /** Length of one measurement, and of the load before it that does not count. */
  readonly seconds: number;
  readonly warmupSeconds: number;
}

export interface MatrixParts {
  readonly database: BenchDatabase;
  readonly tool: LoadTool;
  readonly verify: Verify;
  readonly signal: AbortSignal;
  /** Told before each measurement, and of its result. */
  readonly onStep: (text: string) => void;
}

/** One measurement. */
export interface Measured {
  readonly scenario: string;
  readonly connections: number;
  readonly variant: string;
  /** From 1. */
  readonly round: number;
  readonly result: LoadResult;
  /** Processor time of the service for one request, in microseconds; null when its process is not ours. */
  readonly cpuUs: number | null;
}

/** The variants of a round, the other way round every second time: whoever comes later meets a warmer or busier machine. */
export function orderOf<Item>(items: readonly Item[], round: number): readonly Item[] {
  return round % 2 === 1 ? items : items.toReversed();
}

/** Measures everything, with a fresh process for each scenario, variant and round. */
export async function runMatrix(matrix: Matrix, parts: MatrixParts): Promise<Measured[]> {
  const measured: Measured[] = [];
  const run = createRun(matrix, parts);
  for (const scenario of matrix.scenarios) {
    await parts.database.restore();
    for (let round = 1; round <= matrix.rounds; round += 1) {
      for (const variant of orderOf(matrix.variants, round)) {
        if (!variant.serves(scenario)) continue;
        measured.push(...(await run(scenario, variant, round)));
      }
    }
  }
  return measured;
}

/** A moment in which connections of the load before are closed. */
const SETTLE_MS = 50;

const processorTime = ({ pid }: VariantServer): number | null => (pid === null ? null : processorMs(pid));

function createRun(matrix: Matrix, { database, tool, verify, signal, onStep }: MatrixParts) {
  const nextNonce = createNonces("m");
  const { seconds, warmupSeconds } = matrix;

  const measure = async (server: VariantServer, scenario: Scenario, connections: number) => {
    const load = (length: number): Load => ({
      origin: server.origin,
      scenario,
      connections,
      seconds: length,
      nonce: nextNonce(),
      rows: ROW_COUNT,
    });
    if (warmupSeconds > 0) await tool.run(load(warmupSeconds), signal);
    server.assertAlive();
    const deletable = deletableFor(scenario, seconds);
    if (scenario.isWriting) await database.restore({ deletable });
    await sleep(SETTLE_MS, undefined, { signal });
    const before = processorTime(server);
    const result = await tool.run(load(seconds), signal);
    server.assertAlive();
    const after = processorTime(server);
    if (scenario.isDeleting && result.requests > deletable)
      throw new Error("delete: fewer users than requests to delete one");
    const cpuUs = before === null || after === null ? null : ((after - before) * 1_000) / result.requests;
    return { result, cpuUs };
  };

  return async (scenario: Scenario, variant: Variant, round: number): Promise<Measured[]> => {
    const measured: Measured[] = [];
    const server = await variant.start();
    try {
      await verify(variant, server.origin, scenario);
      for (const connections of matrix.connections) {
        signal.throwIfAborted();
        onStep(`${scenario.name}, round ${round} of ${matrix.rounds}, ${variant.name}, ${connections} connections`);
        const one = await measure(server, scenario, connections);
        if (variant.agreement !== "none") assertAnswers(variant.name, { scenario }, one.result);
        measured.push({ scenario: scenario.name, connections, variant: variant.name, round, ...one });
      }
    } finally {
      await server.stop();
    }
    return measured;
  };
}
