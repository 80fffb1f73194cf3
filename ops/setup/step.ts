/** What becomes of one thing: `manual` is for what only a person can do, `refuse` for what would do harm. */
export type Action = "keep" | "create" | "change" | "refuse" | "manual";

/** One line of the plan. */
export interface Step {
  readonly action: Action;
  /** What it is about: `production: branch`. */
  readonly subject: string;
  /** What it is, or becomes; or what to do about it. It holds no secret. */
  readonly detail: string;
  /** Does it; null for what is not ours to do. */
  readonly apply: (() => Promise<void>) | null;
}

export const keep = (subject: string, detail: string): Step => ({ action: "keep", subject, detail, apply: null });
export const refuse = (subject: string, detail: string): Step => ({ action: "refuse", subject, detail, apply: null });
export const manual = (subject: string, detail: string): Step => ({ action: "manual", subject, detail, apply: null });
export const create = (subject: string, detail: string, apply: () => Promise<void>): Step => ({
  action: "create",
  subject,
  detail,
  apply,
});
export const change = (subject: string, detail: string, apply: () => Promise<void>): Step => ({
  action: "change",
  subject,
  detail,
  apply,
});
