import { spawn } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { fingerprint, isInstallCurrent } from "./staleness.mjs";

/** A problem that the person at the keyboard can solve; its message says how. */
export class BootstrapError extends Error {}

const POLL_MS = 250;
/** A lock file without content is either this young or left over from a crash. */
const EMPTY_LOCK_GRACE_MS = 5_000;

/** Installs the locked dependencies unless exactly these are there already. */
export async function ensureInstalled(root) {
  if (isCurrent(root)) return;
  const release = await acquireLock(path.join(root, ".data", "install.lock"));
  try {
    if (!isCurrent(root)) await install(root);
  } finally {
    release();
  }
}

const stampFile = (root) => path.join(root, "node_modules", ".install-stamp");

function isCurrent(root) {
  const manifestText = read(path.join(root, "package.json"));
  const lockText = read(path.join(root, "package-lock.json"));
  if (manifestText === null || lockText === null) {
    throw new BootstrapError(`package.json or package-lock.json is missing in ${root}; restore it with git checkout.`);
  }
  const stamp = read(stampFile(root));
  const installedText = read(path.join(root, "node_modules", ".package-lock.json"));
  return isInstallCurrent({ manifestText, lockText, stamp, installedText });
}

async function install(root) {
  refuseSharedFolder(path.join(root, "node_modules"));
  const startedAt = Date.now();
  console.error("Installing the locked dependencies (npm ci); the first time takes a minute…");
  rmSync(stampFile(root), { force: true });
  const { code, errors } = await runNpm(root);
  if (code !== 0) throw new BootstrapError(explain(code, errors));
  const manifest = readFileSync(path.join(root, "package.json"), "utf8");
  const lock = readFileSync(path.join(root, "package-lock.json"), "utf8");
  writeFileSync(stampFile(root), fingerprint(manifest, lock));
  console.error(`Dependencies installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/** npm ci would empty the folder behind a link, which another checkout is using. */
function refuseSharedFolder(folder) {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new BootstrapError(
    `${folder} is a link to other dependencies than package-lock.json asks for. Remove the link, then run the same command again.`,
  );
}

/** Warnings stay quiet (an old Node gets one per package), errors are shown as npm prints them. */
function runNpm(root) {
  const flags = ["ci", "--include=dev", "--include=optional", "--loglevel=error", "--no-audit", "--no-fund"];
  const cli = process.env.npm_execpath;
  const isNpm = cli !== undefined && /npm-cli\.c?js$/.test(cli);
  const options = { cwd: root, stdio: ["ignore", "ignore", "pipe"] };
  const child = isNpm
    ? spawn(process.execPath, [cli, ...flags], options)
    : spawn("npm", flags, { ...options, shell: process.platform === "win32" });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
    process.stderr.write(text);
  });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: error.code ?? "unknown", errors }));
    child.on("close", (code, signal) => resolve({ code: code ?? signal, errors }));
  });
}

function explain(code, errors) {
  if (code === "ENOENT") return "npm was not found. Install Node.js 20 or newer together with npm, then try again.";
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|network/i.test(errors)) {
    return "Installing the dependencies failed: the npm registry cannot be reached. Check the network, the proxy and `npm config get registry`, then run the same command again.";
  }
  return `Installing the dependencies failed (npm ci ended with ${code}). Fix what npm reports above, then run the same command again.`;
}

/** Two scripts started at once must not both empty node_modules. */
async function acquireLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let hasSaid = false; !tryLock(file); await sleep(POLL_MS)) {
    if (!hasSaid) console.error("Another process is installing the dependencies; waiting for it…");
    hasSaid = true;
  }
  return () => rmSync(file, { force: true });
}

function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const holder = read(file);
  return holder !== null && isAbandoned(file, holder) && takeAway(file, holder) && tryLock(file);
}

function isAbandoned(file, holder) {
  if (holder === "")
    return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > EMPTY_LOCK_GRACE_MS;
  try {
    process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** Renaming is atomic, so of several waiting processes one wins; a lock that changed hands meanwhile is put back. */
function takeAway(file, holder) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    const isStillAbandoned = read(aside) === holder;
    if (isStillAbandoned) rmSync(aside);
    else renameSync(aside, file);
    return isStillAbandoned;
  } catch {
    return false;
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
