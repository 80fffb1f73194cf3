import { RATE_LIMITED, UNAUTHORIZED, VALIDATION_ERROR } from "../scenarios/refusals.ts";
import { type RequestTemplate, toRequest } from "../scenarios/template.ts";
import type { Env } from "../workers/floor/env.ts";
import { send } from "./answers.ts";

const TEMPLATES: Readonly<Record<keyof Env["PROBLEMS"], RequestTemplate>> = {
  unauthorized: UNAUTHORIZED,
  limited: RATE_LIMITED,
  invalid: VALIDATION_ERROR,
};

/** Notes what the API says when it refuses, so that the floor says the same. */
export async function recordProblems(origin: string): Promise<Env["PROBLEMS"]> {
  const recorded = await Promise.all(
    Object.entries(TEMPLATES).map(async ([name, template]) => {
      const { status, body } = await send(origin, toRequest(template, { index: 0, nonce: "record" }));
      if (status !== template.status) throw new Error(`${name}: the API answered ${status}: ${body}`);
      return [name, JSON.parse(body)] as const;
    }),
  );
  return Object.fromEntries(recorded) as Env["PROBLEMS"];
}
