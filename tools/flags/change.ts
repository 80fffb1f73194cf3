import { type Flags, formatFlagFile, NO_FLAGS, parseFlagFile } from "../../src/flags/flag-file.ts";
import { FEATURE_FLAGS, FLAG_NAMES, type FlagName, type FlagState } from "../../src/models/feature-flag.ts";

/**
 * What a flag file says.
 * @throws Error when it is invalid, with what to do
 */
export function readFlags(text: string | null): Flags {
  if (text === null) return NO_FLAGS;
  const parsed = parseFlagFile(text);
  if (parsed.isValid) return parsed.flags;
  throw new Error(
    `the flag file is invalid (${parsed.finding}), so that all flags have their defaults; set with --replace writes a new one`,
  );
}

/** The text of the file with one flag changed, or without it when the state is null. */
export function changeFlag(flags: Flags, flag: FlagName, state: FlagState | null): string {
  const rest = [...flags].filter(([name]) => name !== flag);
  return formatFlagFile(new Map(state === null ? rest : [...rest, [flag, state]]));
}

/** A table: the flags of this version, then those that only another one knows. */
export function formatFlags(flags: Flags): string {
  const known = FLAG_NAMES.map((name) => [name, describe(flags.get(name), name), FEATURE_FLAGS[name].decides] as const);
  const names: readonly string[] = FLAG_NAMES;
  const others = [...flags].filter(([name]) => !names.includes(name));
  const rows = [
    ["flag", "state", "decides"] as const,
    ...known,
    ...others.map(([name, state]) => [name, state, "(nothing in this version)"] as const),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function describe(state: FlagState | undefined, name: FlagName): string {
  return state ?? `${FEATURE_FLAGS[name].isOnByDefault ? "on" : "off"} (default)`;
}
