// `npm run docs:adopt`: does what docs/adopt.md says, in a copy of the project.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";

import { ROOT } from "../process/run-script.ts";
import { copyProject, type ProjectCopy } from "../rehearsal/scenarios/project-copy.ts";
import { linkTree } from "./link-tree.ts";
import { applyHunks, PageError, parsePage, type Part, type Step } from "./page.ts";

const HELP = `Usage: npm run docs:adopt [-- --keep] [-- --except STEP]

Follows docs/adopt.md in a copy of the project: writes its files, makes its edits, runs its commands, the last of which is
npm run verify. Fails at the first thing that does not work as the page says.

  --keep         leave the copy behind, and say where it is
  --except STEP  leave a step of the last command, npm run verify, out; may be repeated`;

const PAGE = "docs/adopt.md";
const STEP_COUNT = 10;
const VERIFY = "npm run verify";
/** What the page must run, so that one that promises less does not pass. */
const REQUIRED = [/^npm test -- .*\btest\/http\//, /^npm test -- .*\btest\/integration\//, /^npm run verify$/];

/** A command of the page exited with something else than 0. */
class CommandError extends Error {
  override readonly name = "CommandError";
}

function readSteps(): Step[] {
  const steps = parsePage(readFileSync(join(ROOT, PAGE), "utf8"));
  if (steps.length !== STEP_COUNT) throw new PageError(`${PAGE} has ${steps.length} steps, not ${STEP_COUNT}`);
  const lines = steps.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "command" ? [part.line] : [])));
  const missing = REQUIRED.find((required) => !lines.some((line) => required.test(line)));
  if (missing !== undefined) throw new PageError(`${PAGE} runs nothing like ${missing}`);
  if (lines.at(-1) !== VERIFY) throw new PageError(`${PAGE} does not end with npm run verify`);
  return steps;
}

async function openCopy(folder: string): Promise<ProjectCopy> {
  const copy = await copyProject(ROOT, folder);
  rmSync(join(folder, "node_modules"));
  for (const modules of ["node_modules", "client/node_modules"]) {
    if (existsSync(join(ROOT, modules))) linkTree(join(ROOT, modules), join(folder, modules));
  }
  await copy.commit("The project as it is");
  return copy;
}

/** The copy, and what is left out of its verification. */
interface Adoption {
  readonly copy: ProjectCopy;
  readonly except: readonly string[];
}

async function perform(part: Part, { copy, except }: Adoption, signal: AbortSignal): Promise<void> {
  switch (part.kind) {
    case "file":
      console.log(`        new   ${part.path}`);
      if (existsSync(join(copy.folder, part.path))) throw new PageError(`${part.path} is there already`);
      return copy.write(part.path, part.text);
    case "edit":
      console.log(`        edit  ${part.path}`);
      return copy.write(part.path, applyHunks(copy.read(part.path), part.hunks, part.path));
    case "command":
      console.log(`        $ ${part.line}`);
      return await runCommand(part.line === VERIFY ? withoutSteps(except) : part.line, copy.folder, signal);
  }
}

const withoutSteps = (steps: readonly string[]): string =>
  [VERIFY, ...(steps.length === 0 ? [] : ["--"]), ...steps.map((step) => `--except ${step}`)].join(" ");

/** Runs a line as a shell would, on the Node that runs us; shows its output when it fails. */
async function runCommand(line: string, folder: string, signal: AbortSignal): Promise<void> {
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const { INIT_CWD: _cwd, ...inherited } = process.env;
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const options = { cwd: folder, env: { ...inherited, PATH, CI: "true", NO_COLOR: "1" }, shell: true, signal } as const;
  const child = spawn(line, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
  child.once("error", reject);
  child.once("close", resolve);
  const code = await promise;
  if (code !== 0) throw new CommandError(`${Buffer.concat(output).toString()}\n${line} exited with ${code}`);
}

/** Gives how many steps went well: all, or those before the one that did not. */
async function follow(steps: readonly Step[], adoption: Adoption, signal: AbortSignal): Promise<number> {
  for (const [done, { title, parts }] of steps.entries()) {
    console.log(`step ${title}`);
    try {
      for (const part of parts) await perform(part, adoption, signal);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      return done;
    }
  }
  return steps.length;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      keep: { type: "boolean", default: false },
      except: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  const steps = readSteps();
  const folder = mkdtempSync(join(tmpdir(), "adopt-"));
  try {
    const passed = await follow(
      steps,
      { copy: await openCopy(join(folder, "project")), except: values.except },
      stop.signal,
    );
    console.log(`${passed} passed, ${steps.length - passed} failed`);
    process.exitCode = passed === steps.length ? 0 : 1;
  } finally {
    if (values.keep) console.log(`The copy is in ${join(folder, "project")}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof PageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
