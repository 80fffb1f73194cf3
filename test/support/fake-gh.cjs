#!/usr/bin/env node
// Stands in for GitHub's program: keeps what it is given as files below FAKE_GH, and every command line in `calls`.
const { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const root = process.env.FAKE_GH ?? "";
const args = process.argv.slice(2);
appendFileSync(path.join(root, "calls"), `${JSON.stringify(args)}\n`);

const [noun, verb, name] = args;
const env = args[args.indexOf("--env") + 1] ?? "";
const folderOf = (environment) => path.join(root, environment);

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

if (noun === "api") {
  const environment = (args.find((arg) => arg.startsWith("repos/")) ?? "").split("/").at(-1) ?? "";
  if (args.includes("PUT"))
    for (const kind of ["secret", "variable"]) mkdirSync(path.join(folderOf(environment), kind), { recursive: true });
  else if (!existsSync(folderOf(environment))) fail("gh: Not Found (HTTP 404)");
} else if (!existsSync(folderOf(env))) {
  fail("failed to get: HTTP 404: Not Found");
} else if (verb === "list") {
  const names = readdirSync(path.join(folderOf(env), noun));
  process.stdout.write(JSON.stringify(names.map((each) => ({ name: each }))));
} else {
  writeFileSync(path.join(folderOf(env), noun, name), readFileSync(0));
}
