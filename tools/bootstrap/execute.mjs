import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import process from "node:process";

import { BootstrapError } from "./install.mjs";

const isWindows = process.platform === "win32";

/** The first version that runs TypeScript files without a flag. */
const MINIMUM_SYSTEM_NODE = [22, 18];

const PARENT_POLL_MS = 200;

/** The pinned Node; the system's own one where there is no binary of the pinned version. */
export function findNode(root) {
  const pinned = path.join(root, "node_modules", "node", "bin", isWindows ? "node.exe" : "node");
  if (process.execPath === pinned || isUsable(pinned)) return pinned;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = MINIMUM_SYSTEM_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return process.execPath;
  throw new BootstrapError(
    `The pinned Node.js is not usable on this machine (${pinned}), and the installed one is ${process.version}.\n` +
      "If npm blocked install scripts, allow those listed in package.json under allowScripts and run:\n" +
      "  npm rebuild node esbuild workerd --ignore-scripts=false\n" +
      `Otherwise install Node.js ${MINIMUM_SYSTEM_NODE.join(".")} or newer, then run the same command again.`,
  );
}

/** A file may be there and still not run: a glibc binary on musl, or a copy that was cut short. */
function isUsable(file) {
  return existsSync(file) && spawnSync(file, ["--version"], { stdio: "ignore" }).status === 0;
}

/** The program behind a name in node_modules/.bin, found through the lock file because Windows has no links there. */
export function locateBin(root, name, node) {
  const { packages } = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8"));
  const owner = Object.entries(packages)
    .filter(([folder, entry]) => folder !== "" && entry.bin?.[name] !== undefined)
    .sort(([left], [right]) => left.length - right.length)[0];
  if (owner === undefined) throw new BootstrapError(`No installed package has a command named ${name}.`);
  const file = path.join(root, owner[0], owner[1].bin[name]);
  if (!existsSync(file))
    throw new BootstrapError(`${name} is not installed; delete node_modules and run the same command again.`);
  const firstLine = readFileSync(file).subarray(0, 80).toString("latin1").split("\n", 1)[0] ?? "";
  const isScript = /^#!.*\bnode\b/.test(firstLine) || /\.[cm]?js$/.test(file);
  return isScript ? { file: node, args: [file] } : { file, args: [] };
}

/** Runs a program in our place: same terminal, signals passed on, its end is our end. */
export async function runChild(root, file, args) {
  const child = spawn(file, args, { cwd: root, stdio: "inherit", env: environment(root) });
  const forward = (signal) => {
    // A terminal sends Ctrl-C to every process of the foreground group: the child has it already.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  const watch = watchParent(() => child.kill("SIGTERM"));
  const { code, signal, error } = await new Promise((resolve) => {
    child.on("error", (failure) => resolve({ code: 1, signal: null, error: failure }));
    child.on("exit", (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal, error: null }));
  });
  clearInterval(watch);
  for (const name of signals) process.off(name, forward);
  if (error !== null) throw new BootstrapError(`${file} cannot be started: ${error.message}`);
  if (signal === null) {
    process.exitCode = code;
    return;
  }
  process.exitCode = 128 + (constants.signals[signal] ?? 0);
  process.kill(process.pid, signal);
}

/**
 * npm passes a signal only to its shell, and a shell such as dash ends without passing it on.
 * Then we have lost our parent, and that is how we learn of the signal.
 */
function watchParent(onLost) {
  if (process.env.npm_lifecycle_event === undefined || isWindows) return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onLost();
  }, PARENT_POLL_MS).unref();
  return timer;
}

/**
 * Commands that the child starts by name come from the locked dependencies. It also learns whose end to watch for. What Node compiles,
 * types removed, is kept for the next command: a small one starts in half the time, and wrangler in three quarters.
 */
function environment(root) {
  const cache = path.join(root, "node_modules", ".cache", "compile");
  const env = { NODE_COMPILE_CACHE: cache, ...process.env, CALLED_BY_PID: String(process.pid) };
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  env[key] = [path.join(root, "node_modules", ".bin"), env[key]].filter(Boolean).join(path.delimiter);
  return env;
}
