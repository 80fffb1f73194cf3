import { z } from "zod";

import type { Version } from "../../model.ts";
import { tidyMessage } from "../runtime/startup-message.ts";
import type { TraceEvent } from "../types.ts";

/** As Cloudflare does in `wrangler tail`; the runtime itself hides only some of them. */
const SECRET_HEADERS = new Set(["authorization", "cookie", "set-cookie", "x-api-key"]);
const REDACTED = "REDACTED";

const ITEM = z.looseObject({
  event: z
    .looseObject({ request: z.looseObject({ headers: z.record(z.string(), z.string()) }).optional() })
    .nullable()
    .optional(),
  exceptions: z.array(z.looseObject({ stack: z.string().optional() })),
});

type Listener = (event: TraceEvent) => void;

/** Brings what happened in the versions of a script to those who listen. */
export interface Traces {
  isListenedTo(scriptName: string): boolean;
  /** Gives a function that ends the subscription. */
  subscribe(scriptName: string, listener: Listener): () => void;
  emit(scriptName: string, version: Version, items: readonly unknown[]): void;
}

/** `onChange` is called when somebody begins to listen to a script, and when nobody does any more. */
export function createTraces(onChange: (scriptName: string) => void): Traces {
  const listeners = new Map<string, Set<Listener>>();
  const isListenedTo = (scriptName: string): boolean => (listeners.get(scriptName)?.size ?? 0) > 0;
  return {
    isListenedTo,
    subscribe(scriptName, listener) {
      const own = listeners.get(scriptName) ?? new Set();
      listeners.set(scriptName, own);
      const wasListenedTo = isListenedTo(scriptName);
      own.add(listener);
      if (!wasListenedTo) onChange(scriptName);
      return () => {
        if (own.delete(listener) && own.size === 0) onChange(scriptName);
      };
    },
    emit(scriptName, version, items) {
      for (const item of items) {
        const event = toTraceEvent(scriptName, version, item);
        for (const listener of listeners.get(scriptName) ?? []) listener(event);
      }
    },
  };
}

/** Completes an event of the runtime by what it does not know, and takes out what nobody should read. */
export function toTraceEvent(scriptName: string, { id, annotations }: Version, item: unknown): TraceEvent {
  const { event, exceptions, ...rest } = ITEM.parse(item);
  const request = event?.request;
  const { "workers/tag": tag, "workers/message": message } = annotations;
  return {
    ...rest,
    exceptions: exceptions.map(({ stack, ...exception }) => ({
      ...exception,
      ...(stack === undefined ? {} : { stack: tidyMessage(stack) }),
    })),
    event:
      request === undefined ? (event ?? null) : { ...event, request: { ...request, headers: redact(request.headers) } },
    scriptName,
    scriptVersion: { id, ...(tag === undefined ? {} : { tag }), ...(message === undefined ? {} : { message }) },
  };
}

function redact(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, SECRET_HEADERS.has(name) ? REDACTED : value]));
}
