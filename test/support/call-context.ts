import type { CallContext } from "../../src/models/call-context.ts";

/** A call that does not end before the test does. */
export const TEST_CONTEXT: CallContext = {
  id: "test-call",
  traceId: null,
  signal: new AbortController().signal,
  countQuery: () => {},
};

/** Methods that no longer ask for the context of a call. */
export type WithoutContext<Target> = {
  readonly [Name in keyof Target]: Target[Name] extends (...parameters: [...infer Given, CallContext]) => infer Result
    ? (...parameters: Given) => Result
    : Target[Name];
};

/** The same object, each of whose methods is called in the given context. */
export function withContext<Target extends object>(
  target: Target,
  context: CallContext = TEST_CONTEXT,
): WithoutContext<Target> {
  return wrapMethods(target, (call, parameters) => call(...parameters, context));
}

/** The same object; `tell` hears of the context of each call before it is made. */
export function forEachCall<Target extends object>(target: Target, tell: (context: CallContext) => void): Target {
  return wrapMethods(target, (call, parameters) => {
    tell(parameters.at(-1) as CallContext);
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
