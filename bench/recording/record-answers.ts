import { SCENARIOS } from "../scenarios/index.ts";
import type { RequestTemplate } from "../scenarios/template.ts";
import type { BenchDatabase } from "../stack/database.ts";
import { ask, type RecordedAnswers } from "./answers.ts";

/** Notes what the API answers to each kind of request, for others to agree with. The table is not what it was afterwards. */
export async function recordAnswers(origin: string, database: BenchDatabase): Promise<RecordedAnswers> {
  const answers = new Map<RequestTemplate, string>();
  for (const { requests, isWriting } of SCENARIOS) {
    for (const template of requests) {
      if (answers.has(template)) continue;
      if (isWriting) await database.restore({ deletable: 1 });
      const { status, text } = await ask(origin, template, "answer");
      if (status !== template.status) throw new Error(`the API answered ${status}, not ${template.status}: ${text}`);
      answers.set(template, text);
    }
  }
  return answers;
}
