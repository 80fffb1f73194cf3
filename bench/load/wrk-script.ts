import { STRIDE } from "../scenarios/rows.ts";
import { type Hole, type Part, type RequestTemplate, split } from "../scenarios/template.ts";
import type { Load } from "./load.ts";

/** The line that holds the result begins with this. */
export const RESULT_MARK = "RESULT ";

/** The same as `fillingsOf`, in Lua. */
const HOLES: Readonly<Record<Hole, string>> = {
  id: `string.format("00000000-0000-7000-8000-%012x", (index * ${STRIDE}) % ROWS + 1)`,
  username: `string.format("user%08d", (index * ${STRIDE}) % ROWS + 1)`,
  deletable: 'string.format("00000000-0000-7000-9000-%012x", index + 1)',
  unique: 'string.format("%s%09d", NONCE, index)',
};

/** A script for wrk that sends the scenario's requests in turn, and prints exact numbers as JSON. */
export function toWrkScript({ origin, scenario, nonce, rows }: Load, threads: number): string {
  const templates = [...new Set(scenario.requests)];
  const cycle = scenario.requests.map((template) => templates.indexOf(template) + 1);
  const host = new URL(origin).host;
  return `local THREADS, ROWS, NONCE = ${threads}, ${rows}, ${quote(nonce)}
local started = 0
function setup(thread)
  thread:set("index", started - THREADS)
  started = started + 1
end

local makers = {
${templates.map((template) => `  function() return ${toExpression(template, host)} end,`).join("\n")}
}
local cycle = { ${cycle.join(", ")} }
function request()
  index = index + THREADS
  return makers[cycle[index % #cycle + 1]]()
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '${RESULT_MARK}{"requests":%d,"durationUs":%d,"refusals":%d,"socketErrors":%d,"p50Us":%d,"p99Us":%d}\\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`;
}

/** The whole request as wrk sends it; holes never change a length, so that of the body is known here. */
function toExpression(template: RequestTemplate, host: string): string {
  const body = template.body ?? "";
  const headers = {
    Host: host,
    ...template.headers,
    ...(template.body === null ? {} : { "Content-Length": String(lengthOf(split(body))) }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = `${[`${template.method} ${template.path} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body}`;
  return split(text)
    .map((part) => (typeof part === "string" ? quote(part) : HOLES[part.hole]))
    .join(" .. ");
}

const LENGTHS: Readonly<Record<Hole, number>> = { id: 36, username: 12, deletable: 36, unique: 15 };

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce(
    (sum, part) => sum + (typeof part === "string" ? Buffer.byteLength(part) : LENGTHS[part.hole]),
    0,
  );
}

/** A Lua string; bytes beyond ASCII go by their number. */
function quote(text: string): string {
  const escaped = [...Buffer.from(text)].map((byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
  });
  return `"${escaped.join("")}"`;
}
