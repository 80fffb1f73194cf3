import { z } from "zod";

/** One run of a Worker, as the platform tells those who follow its log. */
export interface Invocation {
  readonly versionId: string | null;
  /** Of the trigger; null for anything but cron. */
  readonly cron: string | null;
  /** `ok`, `exception`, `exceededCpu` and so on. */
  readonly outcome: string;
  /** Events that it logged as errors, by name. */
  readonly errors: readonly string[];
  /** What is wrong with its configuration, which names variables and no values; null when nothing is. */
  readonly configuration: string | null;
}

const traceItem = z.looseObject({
  outcome: z.string(),
  scriptVersion: z.looseObject({ id: z.string().optional() }).nullish(),
  event: z.looseObject({ cron: z.string().optional() }).nullish(),
  logs: z.array(z.looseObject({ level: z.string().optional(), message: z.unknown() })).default([]),
  exceptions: z.array(z.looseObject({ name: z.string().optional(), message: z.unknown() })).default([]),
});

/** Reads what the tail sends; null for what is no invocation, as a note that there is more than it can show. */
export function parseInvocation(text: string): Invocation | null {
  const { data } = traceItem.safeParse(parseJson(text));
  if (data === undefined) return null;
  const logged = data.logs.filter(({ level }) => level === "error");
  return {
    versionId: data.scriptVersion?.id ?? null,
    cron: data.event?.cron ?? null,
    outcome: data.outcome,
    errors: logged.map(({ message }) => nameOf(message)),
    configuration: data.exceptions.map(({ message }) => String(message)).find(isAboutConfiguration) ?? null,
  };
}

/** What the events Worker throws by whatever it is started, when its variables are wrong. */
function isAboutConfiguration(message: string): boolean {
  return message.startsWith("Invalid configuration: ");
}

const logLine = z.looseObject({ event: z.string() });

/** Of an event of ours its name; nothing of what it says, nor of what somebody else has printed. */
function nameOf(message: unknown): string {
  const [line] = Array.isArray(message) ? message : [message];
  const { data } = logLine.safeParse(typeof line === "string" ? parseJson(line) : line);
  return data?.event ?? "an error without a name";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
