import type { Check } from "../check.ts";
import { BAD_BODY_CHECKS } from "./bad-bodies.ts";
import { BAD_PARAMETER_CHECKS } from "./bad-parameters.ts";
import { COMPRESSION_CHECKS } from "./compression.ts";
import { DOCUMENTATION_CHECKS } from "./documentation.ts";
import { HEADER_CHECKS } from "./headers.ts";
import { HEALTH_CHECKS } from "./health.ts";
import { REPEAT_CHECKS } from "./repeats.ts";
import { ROUTING_CHECKS } from "./routing.ts";
import { USER_CHANGE_CHECKS } from "./users-change.ts";
import { USER_CREATE_CHECKS } from "./users-create.ts";
import { USER_LIST_CHECKS } from "./users-list.ts";
import { USER_READ_CHECKS } from "./users-read.ts";

/** What every deployment is asked, in the order of the report. */
export const CHECKS: readonly Check[] = [
  ...HEALTH_CHECKS,
  ...DOCUMENTATION_CHECKS,
  ...USER_CREATE_CHECKS,
  ...USER_READ_CHECKS,
  ...USER_LIST_CHECKS,
  ...USER_CHANGE_CHECKS,
  ...REPEAT_CHECKS,
  ...COMPRESSION_CHECKS,
  ...BAD_BODY_CHECKS,
  ...BAD_PARAMETER_CHECKS,
  ...ROUTING_CHECKS,
  ...HEADER_CHECKS,
];
