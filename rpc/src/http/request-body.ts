import { Code, ConnectError } from "@connectrpc/connect";

import { giveUpBody } from "../../../src/http/middleware/give-up-body.ts";
import { AppError } from "../../../src/models/errors.ts";
import type { Deadline } from "../../../src/resilience/deadline.ts";

/** The chunks of a request's body, as far as somebody wants them; what is left can be read by others. */
export async function* readBody(
  body: ReadableStream<Uint8Array> | null,
  deadline: Deadline,
): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  const reader = body.getReader();
  let isReading = false;
  try {
    for (;;) {
      isReading = true;
      const { done, value } = await deadline.race(reader.read());
      isReading = false;
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw toConnectError(error);
  } finally {
    if (isReading) giveUpBody(reader);
    else reader.releaseLock();
  }
}

function toConnectError(error: unknown): ConnectError {
  if (error instanceof AppError) {
    return new ConnectError("The request did not arrive in time.", Code.DeadlineExceeded);
  }
  return new ConnectError("The request did not arrive whole.", Code.Canceled);
}
