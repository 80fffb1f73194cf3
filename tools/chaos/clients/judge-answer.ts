import { z } from "zod";

import { LEAK_MARK } from "../faults/kinds.ts";
import { type Answer, type Operation, OUTCOME_UNKNOWN } from "./answer.ts";

/** What these clients can get while all is well: each of their requests is valid. */
const FORESEEN: Readonly<Record<Operation, readonly number[]>> = {
  create: [201, 409],
  change: [200, 404, 412],
  delete: [204, 412],
  read: [200, 404],
  list: [200],
};

/** What they can get while something is wrong; a 500 is counted besides, for a few faults are answered with it. */
const FORESEEN_TROUBLE = [500, 502, 503, 504];

/** Words of the database, of its proxy, of statements and of the runtime. */
const LEAK = new RegExp(
  `${LEAK_MARK}|postgres|sqlstate|neon|relation "|\\b(?:select|insert into|insert_user|update "|delete from)\\b|compute|terminating|ECONN|\\n\\s+at `,
  "i",
);

const problemBody = z.looseObject({
  type: z.string().startsWith("/problems/"),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  request_id: z.string().min(1),
});

/** What is wrong with an answer, whatever it means for the user; null when nothing is. */
export function judgeAnswer(operation: Operation, answer: Answer): string | null {
  const { status, headers, text } = answer;
  if (!FORESEEN[operation].includes(status) && !FORESEEN_TROUBLE.includes(status)) return `${status} to a ${operation}`;
  if (headers["x-request-id"] === undefined) return `a ${status} without X-Request-ID`;
  if (status < 400) return text.includes(LEAK_MARK) ? `a ${status} quotes the database` : null;
  if (LEAK.test(unescape(text))) return `a ${status} quotes the database or the runtime`;
  return judgeProblem(answer);
}

/** The text of a JSON document without its escapes. */
function unescape(text: string): string {
  return text.replaceAll("\\n", "\n").replaceAll('\\"', '"');
}

function judgeProblem(answer: Answer): string | null {
  const { status, headers, json } = answer;
  if (headers["content-type"] !== "application/problem+json")
    return `a ${status} of ${headers["content-type"] ?? "no type"}`;
  const body = problemBody.safeParse(json);
  if (!body.success) return `a ${status} whose problem lacks ${String(body.error.issues[0]?.path[0] ?? "everything")}`;
  if (body.data.status !== status) return `a ${status} whose problem says ${body.data.status}`;
  return judgeRetryAfter(answer);
}

/** What may have happened is not to be repeated blindly. */
function judgeRetryAfter({ status, headers, problem }: Answer): string | null {
  if (status === 503 && problem !== OUTCOME_UNKNOWN && !/^\d+$/.test(headers["retry-after"] ?? ""))
    return "a 503 without Retry-After";
  return null;
}
