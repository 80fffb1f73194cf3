import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { Webhook } from "standardwebhooks";
import { z } from "zod";

import { closeServer, listen } from "../net/listen.ts";
import type { Random } from "../rehearsal/load/random.ts";

/** What a receiver saw of one event. */
export interface Sighting {
  readonly id: string;
  readonly type: string;
  readonly userId: string;
  readonly userVersion: number;
  /** How often it came. */
  times: number;
  /** Whether it was taken at least once: answered by 200, or as good as that, with the answer lost. */
  isTaken: boolean;
}

export interface Receiver {
  readonly name: string;
  readonly url: string;
  /** By event id, in the order of their first sight. */
  readonly seen: ReadonlyMap<string, Sighting>;
  /** Events that were taken. */
  readonly taken: number;
  /** Requests whose signature was wrong, or whose body was no event. */
  readonly invalid: number;
  /** How it answered, by kind. */
  readonly answers: ReadonlyMap<Behaviour, number>;
  /** Whether it answers at all. */
  setUp(isUp: boolean): void;
  close(): Promise<void>;
}

/** `lost-answer` takes the event and breaks the connection; the sender cannot know. */
const BEHAVIOURS = ["ok", "500", "429", "redirect", "reset", "lost-answer", "hang", "slow", "down"] as const;

type Behaviour = (typeof BEHAVIOURS)[number];

const TAKES: ReadonlySet<Behaviour> = new Set(["ok", "slow", "lost-answer"]);
const FAILURES = ["500", "429", "redirect", "reset", "lost-answer", "hang", "slow"] as const;

const SLOW_MS = 150;

const eventSchema = z.strictObject({
  id: z.uuid(),
  type: z.string(),
  occurred_at: z.iso.datetime(),
  user_id: z.uuid(),
  user_version: z.int(),
  user: z.looseObject({ id: z.uuid() }).nullable(),
});

export interface ReceiverOptions {
  readonly name: string;
  readonly secret: string;
  /** Share of requests that it does not answer well. */
  readonly failureShare: number;
  readonly random: Random;
}

/** A server of one's own that takes webhooks, verifies them with the library of the standard, and fails as it is told. */
export async function startReceiver({ name, secret, failureShare, random }: ReceiverOptions): Promise<Receiver> {
  const webhook = new Webhook(secret);
  const seen = new Map<string, Sighting>();
  const answers = new Map<Behaviour, number>();
  let [isUp, taken, invalid] = [true, 0, 0];

  const choose = (): Behaviour => {
    if (!isUp) return "down";
    return random() < failureShare ? (FAILURES[Math.floor(random() * FAILURES.length)] ?? "500") : "ok";
  };
  const note = (event: z.infer<typeof eventSchema>, isTaken: boolean): void => {
    const { id, type, user_id: userId, user_version: userVersion } = event;
    const sighting = seen.get(id) ?? { id, type, userId, userVersion, times: 0, isTaken: false };
    seen.set(id, sighting);
    sighting.times += 1;
    if (isTaken && !sighting.isTaken) taken += 1;
    sighting.isTaken ||= isTaken;
  };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const behaviour = choose();
    answers.set(behaviour, (answers.get(behaviour) ?? 0) + 1);
    const event = verify(webhook, request, body);
    if (event === null) invalid += 1;
    else if (behaviour !== "down") note(event, TAKES.has(behaviour));
    answer(response, event === null ? "500" : behaviour);
  };
  const server = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  const port = await listen(server, { port: 0 });
  return {
    name,
    url: `http://127.0.0.1:${port}/hook`,
    seen,
    answers,
    get taken() {
      return taken;
    },
    get invalid() {
      return invalid;
    },
    setUp: (value) => void (isUp = value),
    close: () => closeServer(server),
  };
}

/** Null when it is not what the service has signed. */
function verify(webhook: Webhook, { headers }: IncomingMessage, body: string): z.infer<typeof eventSchema> | null {
  try {
    const given = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((header) => [
      header,
      String(headers[header]),
    ]);
    const event = eventSchema.parse(webhook.verify(body, Object.fromEntries(given)));
    return event.id === headers["webhook-id"] ? event : null;
  } catch {
    return null;
  }
}

function answer(response: ServerResponse, behaviour: Behaviour): void {
  switch (behaviour) {
    case "ok":
      return void response.writeHead(200).end("thanks");
    case "slow":
      return void setTimeout(() => response.writeHead(204).end(), SLOW_MS);
    case "500":
    case "429":
      return void response.writeHead(Number(behaviour)).end("no");
    case "redirect":
      return void response.writeHead(302, { Location: "http://127.0.0.1:9/elsewhere" }).end();
    case "reset":
    case "lost-answer":
    case "down":
      return void response.destroy();
    case "hang":
      return;
  }
}
