import { LIMITED_KEY } from "./keys.ts";
import { GET_BY_ID } from "./reads.ts";
import { type Scenario, scenario, STRANGER_HEADERS } from "./scenario.ts";
import type { RequestTemplate } from "./template.ts";
import { CREATE } from "./writes.ts";

export const UNAUTHORIZED: RequestTemplate = { ...GET_BY_ID, headers: STRANGER_HEADERS, status: 401 };
export const RATE_LIMITED: RequestTemplate = {
  ...GET_BY_ID,
  headers: { ...GET_BY_ID.headers, "X-API-Key": LIMITED_KEY },
  status: 429,
};
export const VALIDATION_ERROR: RequestTemplate = {
  ...CREATE,
  body: '{"username":"g!","email":"nobody","full_name":"Ada Lovelace"}',
  status: 400,
};

export const REFUSALS: readonly Scenario[] = [
  scenario({ name: "unauthorized", title: "401, no credentials", requests: [UNAUTHORIZED], isConstant: true }),
  scenario({
    name: "rate-limited",
    title: "429, the caller's quota is used up",
    requests: [RATE_LIMITED],
    isConstant: true,
  }),
  scenario({
    name: "validation-error",
    title: "400, two fields break rules",
    requests: [VALIDATION_ERROR],
    isConstant: true,
  }),
];
