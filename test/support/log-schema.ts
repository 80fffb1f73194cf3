import { Validator } from "@cfworker/json-schema";

import schema from "../../docs/log-events.schema.json" with { type: "json" };

/** One definition of an event; a line is held against the one of its own, for a message that names the field. */
const DEFINITIONS = new Map<string, unknown>(Object.entries(schema.$defs));
const EVENTS = schema.oneOf.map(({ $ref }) => $ref.replace("#/$defs/", ""));
const VALIDATORS = new Map(
  EVENTS.map((event) => [event, new Validator({ $ref: `#/$defs/${event}`, $defs: schema.$defs }, "2020-12", false)]),
);

/** Keywords whose own message only says that something below them failed. */
const WRAPPERS: ReadonlySet<string> = new Set(["properties", "items", "$ref", "additionalProperties", "if", "then"]);

/** Names of the documented events. */
export const DOCUMENTED_EVENTS: readonly string[] = EVENTS;

/** The documented fields of an event, in their order. */
export function documentedFields(event: string): readonly string[] {
  const definition = DEFINITIONS.get(event);
  const hasFields = typeof definition === "object" && definition !== null && "properties" in definition;
  return hasFields ? Object.keys(Object(definition.properties)) : [];
}

/** Where a log event is not what docs/log-events.schema.json says: `path reason`, one for each fault. */
export function findLogFaults(line: object): readonly string[] {
  const name = "event" in line ? String(line.event) : "";
  const validator = VALIDATORS.get(name);
  if (validator === undefined) return [`event ${name} is not documented`];
  const { valid, errors } = validator.validate(line);
  if (valid) return [];
  return errors
    .filter(({ keyword }) => !WRAPPERS.has(keyword))
    .map(({ keyword, instanceLocation, error }) => {
      const reason = keyword === "false" ? "is not documented" : error;
      return `${name}${instanceLocation.slice(1)} ${reason}`;
    });
}

/** Throws for the first event that is not as documented. */
export function checkLogEvents(lines: readonly object[]): void {
  for (const line of lines) {
    const faults = findLogFaults(line);
    if (faults.length === 0) continue;
    const list = faults.map((fault) => `  ${fault}`).join("\n");
    throw new Error(
      `A log event is against docs/log-events.schema.json:\n${list}\n${JSON.stringify(line).slice(0, 500)}`,
    );
  }
}

/** The same for all that a program wrote: lines of other kinds are passed over, and whatever stands before an event. */
export function checkLogText(text: string): void {
  checkLogEvents(text.split("\n").flatMap((line) => parseEvent(line.slice(Math.max(0, line.indexOf("{"))))));
}

function parseEvent(json: string): object[] {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && "event" in value && "level" in value ? [value] : [];
  } catch {
    return [];
  }
}
