import type { Reply } from "../../rehearsal/load/client.ts";
import { type Answer, type Operation, toAnswer } from "./answer.ts";
import { judgeAnswer } from "./judge-answer.ts";

/** Counts the answers and what is wrong with them. */
export interface Book {
  /** Gives the answer; null when there was none. */
  add(operation: Operation, reply: Reply): Answer | null;
  readonly summary: AnswerSummary;
}

export interface AnswerSummary {
  readonly requests: number;
  /** By status and problem, as in `503 database-unavailable`. */
  readonly answers: ReadonlyMap<string, number>;
  /** Why requests had no answer, each as often as it happened. */
  readonly unanswered: ReadonlyMap<string, number>;
  /** What was wrong with answers, each as often as it happened. */
  readonly complaints: ReadonlyMap<string, number>;
  readonly internalErrors: number;
}

export function createBook(): Book {
  const summary = {
    requests: 0,
    answers: new Map<string, number>(),
    unanswered: new Map<string, number>(),
    complaints: new Map<string, number>(),
    internalErrors: 0,
  };
  return {
    summary,
    add(operation, reply) {
      summary.requests += 1;
      if (reply.kind === "nothing") {
        count(summary.unanswered, `${operation}: ${reply.reason}`);
        return null;
      }
      const answer = toAnswer(reply);
      count(summary.answers, [answer.status, answer.problem].filter((part) => part !== null).join(" "));
      if (answer.status === 500) summary.internalErrors += 1;
      const complaint = judgeAnswer(operation, answer);
      if (complaint !== null) count(summary.complaints, complaint);
      return answer;
    },
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
