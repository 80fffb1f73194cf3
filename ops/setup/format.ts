import type { Action, Step } from "./step.ts";

const MARKS: Readonly<Record<Action, string>> = { keep: "=", create: "+", change: "~", refuse: "!", manual: "?" };
const COLORS: Readonly<Record<Action, number>> = { keep: 90, create: 32, change: 33, refuse: 31, manual: 36 };
const SUMMARY: Readonly<Record<Action, string>> = {
  create: "to create",
  change: "to change",
  keep: "as it should be",
  manual: "for you to do",
  refuse: "refused",
};

/** One line for each step, and how many there are of each kind. */
export function formatPlan(steps: readonly Step[], hasColor: boolean): string {
  const width = Math.max(...steps.map(({ subject }) => subject.length));
  const lines = steps.map((step) => formatStep(step, width, hasColor));
  const counts = Object.entries(SUMMARY).flatMap(([action, words]) => {
    const count = steps.filter((step) => step.action === action).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return [...lines, "", `Plan: ${counts.join(", ")}.`].join("\n");
}

function formatStep({ action, subject, detail }: Step, width: number, hasColor: boolean): string {
  const head = `${MARKS[action]} ${action.padEnd(6)}`;
  return `  ${paint(head, COLORS[action], hasColor)}  ${subject.padEnd(width)}  ${detail}`.trimEnd();
}

export function paint(text: string, color: number, hasColor: boolean): string {
  return hasColor ? `\u001B[${color}m${text}\u001B[39m` : text;
}
