// `npm run flags`: lists and changes feature flags, by the pinned wrangler. See options.ts for the help text.
import { runCommand } from "../command/run-command.ts";
import { ROOT } from "../process/run-script.ts";
import { askYesOrNo } from "../release/command/confirm.ts";
import { changeFlag, formatFlags, readFlags } from "./change.ts";
import { type FlagFileStore, openFlagFileStore } from "./flag-file-store.ts";
import { describePlace, type FlagsCommand, HELP, parseFlagsOptions } from "./options.ts";

type SetCommand = Extract<FlagsCommand, { readonly kind: "set" }>;

async function set(command: SetCommand, store: FlagFileStore, signal: AbortSignal): Promise<number> {
  const { place, flag, state, isReplacing } = command;
  const where = describePlace(place, ROOT);
  const before = await store.read();
  const flags = readFlags(isReplacing ? null : before);
  if (!isReplacing && flags.get(flag) === (state ?? undefined)) {
    console.log(`Nothing to do: ${flag} is ${state ?? "at its default"} in ${where}.`);
    return 0;
  }
  if (!(await isConfirmed(command, signal))) {
    console.error("Not confirmed: nothing is changed.");
    return 1;
  }
  await store.write(changeFlag(flags, flag, state));
  console.log(`${flag} is ${state ?? "at its default"} in ${where}, from ${flags.get(flag) ?? "its default"}.`);
  return 0;
}

async function isConfirmed(
  { place, flag, state, isConfirmed: isSaid }: SetCommand,
  signal: AbortSignal,
): Promise<boolean> {
  if (place.kind === "local" || place.env !== "production" || isSaid) return true;
  const question = `Set ${flag} to ${state ?? "its default"} in production?`;
  return await askYesOrNo(question, { input: process.stdin, output: process.stdout }, signal);
}

process.exitCode = await runCommand<FlagsCommand>({
  name: "flags",
  help: HELP,
  parse: (args) =>
    parseFlagsOptions(args, {
      env: process.env,
      root: ROOT,
      isInteractive: process.stdin.isTTY && process.stdout.isTTY,
    }),
  async run(command, { signal }) {
    const store = openFlagFileStore({ place: command.place, root: ROOT, environment: process.env, signal });
    if (command.kind === "set") return await set(command, store, signal);
    const text = await store.read();
    signal.throwIfAborted();
    console.log(formatFlags(readFlags(text)));
    return 0;
  },
});
