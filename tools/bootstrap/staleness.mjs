import { createHash } from "node:crypto";

const DEPENDENCY_FIELDS = ["dependencies", "devDependencies", "optionalDependencies"];

/** Identifies what has to be installed; edits of scripts or of the description do not change it. */
export function fingerprint(manifestText, lockText) {
  const manifest = JSON.parse(manifestText);
  const relevant = [...DEPENDENCY_FIELDS, "overrides", "allowScripts"].map((field) => manifest[field] ?? null);
  return createHash("sha256").update(JSON.stringify(relevant)).update(lockText).digest("hex");
}

/**
 * Whether node_modules holds exactly what the lock file asks for.
 * `stamp` is ours, written after a complete install; `installedText` is npm's own record, for installs made without us.
 */
export function isInstallCurrent({ manifestText, lockText, stamp, installedText }) {
  if (stamp !== null && stamp === fingerprint(manifestText, lockText)) return true;
  return installedText !== null && matchesLock(manifestText, lockText, installedText);
}

function matchesLock(manifestText, lockText, installedText) {
  const manifest = JSON.parse(manifestText);
  const locked = JSON.parse(lockText).packages ?? {};
  const installed = parseOrEmpty(installedText).packages ?? {};
  const isLockUpToDate = DEPENDENCY_FIELDS.every((field) => isSameRecord(manifest[field], locked[""]?.[field]));
  if (!isLockUpToDate) return false;
  const isComplete = Object.entries(locked).every(
    ([folder, entry]) => folder === "" || entry.optional || installed[folder]?.version === entry.version,
  );
  return isComplete && Object.entries(installed).every(([folder, { version }]) => locked[folder]?.version === version);
}

function isSameRecord(left = {}, right = {}) {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}

/** A record cut short by a crash counts as no record. */
function parseOrEmpty(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
