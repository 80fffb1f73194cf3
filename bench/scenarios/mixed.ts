import { GET_BY_ID, GET_BY_USERNAME, LIST_20 } from "./reads.ts";
import { type Scenario, scenario } from "./scenario.ts";
import { CREATE, PATCH } from "./writes.ts";

/** A tenth of these twenty are writes, far apart from each other. */
const CYCLE = [
  GET_BY_ID,
  GET_BY_ID,
  GET_BY_USERNAME,
  GET_BY_ID,
  LIST_20,
  GET_BY_ID,
  GET_BY_USERNAME,
  GET_BY_ID,
  GET_BY_USERNAME,
  CREATE,
  GET_BY_ID,
  GET_BY_ID,
  GET_BY_USERNAME,
  GET_BY_ID,
  LIST_20,
  GET_BY_ID,
  GET_BY_USERNAME,
  GET_BY_ID,
  GET_BY_USERNAME,
  PATCH,
];

export const MIXED: Scenario = scenario({
  name: "mixed",
  title: "90 % reads, 10 % writes",
  requests: CYCLE,
  isWriting: true,
});
