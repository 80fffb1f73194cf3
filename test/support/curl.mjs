#!/usr/bin/env node
// Stands in for curl where there is none: just the options that the README's tour uses.
import process from "node:process";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    include: { type: "boolean", short: "i" },
    request: { type: "string", short: "X" },
    header: { type: "string", short: "H", multiple: true },
    data: { type: "string", short: "d" },
  },
});
const headers = (values.header ?? []).map((line) => line.split(/:\s*/, 2));
const method = values.request ?? (values.data === undefined ? "GET" : "POST");
const response = await fetch(positionals[0], { method, headers, body: values.data });
if (values.include) {
  process.stdout.write(`HTTP/1.1 ${response.status} ${response.statusText}\r\n`);
  for (const [name, value] of response.headers) process.stdout.write(`${name}: ${value}\r\n`);
  process.stdout.write("\r\n");
}
process.stdout.write(await response.text());
