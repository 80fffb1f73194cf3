import { formatNumber, formatShare } from "../format.ts";
import { ASSUMED } from "../inputs.ts";
import { DEFAULT_SETUP, DEFAULT_WORKLOAD } from "../scenario.ts";

/** What every number of the page supposes, in a sentence or two. */
export function describeDefaults(): string {
  const { readShare, listShare, keyedShare, users } = DEFAULT_WORKLOAD;
  return (
    `Unless said otherwise, ${formatShare(readShare)} of the requests read and ${formatShare(listShare)} of the reads are lists of 20; ` +
    `${formatShare(keyedShare)} of the writes create a user under an idempotency key; there are ${formatNumber(users)} users; ` +
    `a statement holds its database connection for ${formatNumber(DEFAULT_SETUP.databaseMs)} ms. ` +
    `A step is *enough* while no limit is used to more than ${formatShare(ASSUMED.targetUtilisation.value)}.`
  );
}
