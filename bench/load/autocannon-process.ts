// The process that makes load with autocannon. Argument: a file with an AutocannonJob. Prints the result as JSON.
import { readFileSync } from "node:fs";

import autocannon from "autocannon";

import { toRequest } from "../scenarios/template.ts";
import type { AutocannonJob } from "./autocannon.ts";
import { ANSWER_TIMEOUT_SECONDS, type LoadResult } from "./load.ts";
import { percentileOf } from "./percentile.ts";

const job: AutocannonJob = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
console.log(JSON.stringify(await run(job)));

async function run({ origin, requests, connections, seconds, nonce, rows, rate }: AutocannonJob): Promise<LoadResult> {
  let index = -1;
  const instance = autocannon({
    url: origin,
    connections,
    duration: seconds,
    timeout: ANSWER_TIMEOUT_SECONDS,
    ...(rate === null ? {} : { overallRate: rate }),
    requests: [
      {
        setupRequest(request) {
          index += 1;
          const template = requests[index % requests.length];
          if (template === undefined) throw new Error("the scenario has no request");
          const { body, headers, ...rest } = toRequest(template, { index, nonce, rows });
          return { ...request, ...rest, headers: { ...headers }, body: body ?? undefined };
        },
      },
    ],
  });
  const timesMs: number[] = [];
  let refusals = 0;
  instance.on("response", (_client, status, _bytes, timeMs) => {
    timesMs.push(timeMs);
    if (status >= 400) refusals += 1;
  });
  const { duration, errors } = await instance;
  const sorted = Float64Array.from(timesMs).sort();
  return {
    requests: sorted.length,
    rps: sorted.length / duration,
    p50Ms: percentileOf(sorted, 0.5),
    p99Ms: percentileOf(sorted, 0.99),
    refusals,
    socketErrors: errors,
  };
}
