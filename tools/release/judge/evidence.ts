/** How the new version did beside the old one in one block of time. */
export interface Bout {
  readonly result: "worse" | "even" | "better";
  /** Probability that a version which is just within the tolerance does worse. */
  readonly tolerated: number;
  /** The same for one with the fault that is looked for. */
  readonly faulty: number;
}

/** How often a window may call a version that is just within the tolerance faulty, however often it is looked at. */
const FALSE_ALARMS = 0.0015;
/** How often it may call one with the fault sound, given the time that it asks for. */
const MISSES = 0.05;

/** Evidence from which a version is faulty, and up to which it is sound; in between more time is needed. */
export const REJECT_FROM = Math.log((1 - MISSES) / FALSE_ALARMS);
export const ACCEPT_UP_TO = Math.log(MISSES / (1 - FALSE_ALARMS));
/** The same when there is no more time: 90 to 1 speak for the fault. What is not decided by then is mostly weather. */
export const LAST_ACCEPT_UP_TO = Math.log(90);
/** Good conduct counts for no more than bad: else a fault that comes late in a long bake would be forgiven for long. */
const FLOOR = -REJECT_FROM;

/**
 * Evidence for a fault: the logarithm of how many times likelier the results are with it than without. This is Wald's
 * sequential probability ratio test (Annals of Mathematical Statistics 16, 1945), made to look after every block, with
 * Page's floor (Biometrika 41, 1954). Blocks count, not requests, for requests of the same moment share its weather. How
 * often weather makes a sound version do worse is read off the old version, which does worse as often by the same weather.
 */
export function weigh(bouts: readonly Bout[]): number {
  const weather = bouts.filter(({ result }) => result === "better").length / bouts.length;
  const underWeather = (probability: number): number => weather + (1 - weather) * probability;
  return bouts.reduce((evidence, { result, tolerated, faulty }) => {
    const [sound, bad] = [underWeather(tolerated), underWeather(faulty)];
    const change = result === "worse" ? Math.log(bad / sound) : Math.log((1 - bad) / (1 - sound));
    return Math.max(FLOOR, evidence + change);
  }, 0);
}

/** The result of a bout in which less is better, by how much the new version exceeds the old one. */
export function resultOf(difference: number): Bout["result"] {
  if (difference > 0) return "worse";
  return difference < 0 ? "better" : "even";
}

/** Probability that at least one of so many requests meets what meets each with this probability. */
export const atLeastOnce = (probability: number, requests: number): number => 1 - (1 - probability) ** requests;
