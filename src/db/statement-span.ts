import type { Tracer } from "../observability/tracer.ts";
import type { SendStatement, TextResult } from "./client.ts";
import { classifyFailure } from "./failures.ts";

/** Sends a statement, and knows what it is called. */
export type SendNamedStatement = (name: string, ...sent: Parameters<SendStatement>) => PromiseLike<TextResult>;

/**
 * Sends each statement in a span that has its name, never its text or values
 * (https://opentelemetry.io/docs/specs/semconv/db/postgresql/). Without a tracer there is nothing between runner and driver.
 */
export function traceStatements(send: SendStatement, tracer: Tracer | null): SendNamedStatement {
  if (tracer === null) return (_name, text, params, signal) => send(text, params, signal);
  return (name, text, params, signal) =>
    tracer.span(name, async (span) => {
      span.setAttribute("db.system.name", "postgresql");
      span.setAttribute("db.query.summary", name);
      try {
        const result = await send(text, params, signal);
        span.setAttribute("db.response.returned_rows", result.rows.length);
        return result;
      } catch (error) {
        span.setAttribute("error.type", classifyFailure(error).code);
        throw error;
      }
    });
}
