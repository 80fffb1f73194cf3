import { COMPANION_NAMES, type Companion, type CompanionName } from "./companion.ts";
import { EVENTS } from "./events/events.ts";
import { RPC } from "./rpc/rpc.ts";
import { TELEMETRY } from "./telemetry/telemetry.ts";

const COMPANIONS: Readonly<Record<CompanionName, Companion>> = { telemetry: TELEMETRY, rpc: RPC, events: EVENTS };

/** The Worker that `--worker` names; null for the API, and for what is none, which its options refuse. */
export function findCompanion(args: readonly string[]): Companion | null {
  const place = args.indexOf("--worker");
  const inOne = args.find((arg) => arg.startsWith("--worker="))?.slice("--worker=".length);
  const named = inOne ?? (place === -1 ? undefined : args[place + 1]);
  const name = COMPANION_NAMES.find((one) => one === named);
  return name === undefined ? null : COMPANIONS[name];
}
