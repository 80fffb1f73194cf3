#!/usr/bin/env node
// Every npm script starts here: install what is missing, then run a script on the Node version that this project pins.
// Plain JavaScript without dependencies, because it runs on whatever Node >= 20 the machine has, before any install.
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { findNode, locateBin, runChild } from "./bootstrap/execute.mjs";
import { BootstrapError, ensureInstalled } from "./bootstrap/install.mjs";

const USAGE = "usage: node tools/run.mjs <script> [args…] | --bin <name> [args…]";
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

try {
  const [target, ...args] = process.argv.slice(2);
  if (target === undefined || (target === "--bin" && args[0] === undefined)) throw new BootstrapError(USAGE);
  await ensureInstalled(root);
  const node = findNode(root);
  const command =
    target === "--bin" ? locateBin(root, args[0], node) : { file: node, args: [path.resolve(root, target)] };
  const rest = target === "--bin" ? args.slice(1) : args;
  await runChild(root, command.file, [...command.args, ...rest]);
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
