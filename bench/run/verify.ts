import { ask, type RecordedAnswers } from "../recording/answers.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import type { BenchDatabase } from "../stack/database.ts";
import type { Variant } from "../variants/variant.ts";
import { createNonces } from "./nonces.ts";

/** Makes sure that a service answers a scenario's requests rightly, before it is measured with them. */
export type Verify = (variant: Variant, origin: string, scenario: Scenario) => Promise<void>;

const MAX_SHOWN = 400; // Characters of a wrong answer.

export function createVerify(database: BenchDatabase, recorded: RecordedAnswers): Verify {
  const nextNonce = createNonces("v");
  return async ({ name, agreement }, origin, scenario) => {
    if (agreement === "none") return;
    for (const template of new Set(scenario.requests)) {
      if (scenario.isWriting) await database.restore({ deletable: 1 });
      const { status, text } = await ask(origin, template, nextNonce());
      const fail = (reason: string): never => {
        throw new Error(`${name}, ${scenario.name}: ${reason}:\n${text.slice(0, MAX_SHOWN)}`);
      };
      if (status !== template.status) fail(`the answer is ${status}, not ${template.status}`);
      const wanted = recorded.get(template);
      const isCompared = agreement === "body" || (agreement === "success" && status < 400);
      if (isCompared && wanted !== undefined && wanted !== text) {
        fail(`the answer is not that of the API, which is\n${wanted.slice(0, MAX_SHOWN)}\nbut`);
      }
    }
  };
}
