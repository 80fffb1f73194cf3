import type { Work } from "../../src/models/work.ts";

/** Some work that does not end before the test does. */
export const SOME_WORK: Work = { id: "test-work", signal: new AbortController().signal, countQuery: () => {} };

/** Methods that no longer ask for which work they are called. */
export type WithoutWork<Target> = {
  readonly [Name in keyof Target]: Target[Name] extends (...parameters: [...infer Given, Work]) => infer Result
    ? (...parameters: Given) => Result
    : Target[Name];
};

/** The same object, each of whose methods is called for the given work. */
export function forWork<Target extends object>(target: Target, work: Work = SOME_WORK): WithoutWork<Target> {
  return wrapMethods(target, (call, parameters) => call(...parameters, work));
}

/** The same object; `tell` hears of the work of each call before it is made. */
export function forEachCall<Target extends object>(target: Target, tell: (work: Work) => void): Target {
  return wrapMethods(target, (call, parameters) => {
    tell(parameters.at(-1) as Work);
    return call(...parameters);
  });
}

type Method = (...parameters: unknown[]) => unknown;

function wrapMethods<Wrapped>(target: object, wrap: (call: Method, parameters: unknown[]) => unknown): Wrapped {
  const members = Object.entries(target).map(([name, member]) => [
    name,
    typeof member === "function" ? (...parameters: unknown[]) => wrap(member as Method, parameters) : member,
  ]);
  return Object.fromEntries(members) as Wrapped;
}
