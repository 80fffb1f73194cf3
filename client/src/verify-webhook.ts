import { WebhookVerificationError } from "./errors.ts";
import type { WebhookEvent } from "./models.ts";

/** What an endpoint was sent. */
export interface ReceivedWebhook {
  /** The body as it arrived, before anything has parsed it: JSON that is written anew has another signature. */
  readonly payload: string | Uint8Array | ArrayBuffer;
  /** The headers: `Headers`, or an object with names in any case, as Node gives them. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The secret of the endpoint, `whsec_…`; while it is rotated, the old and the new one. */
  readonly secrets: string | readonly string[];
  /** How far the time of the delivery may be from now, in either direction; 300 when absent. */
  readonly toleranceSeconds?: number | undefined;
  /** Milliseconds since 1970. For tests. */
  readonly now?: (() => number) | undefined;
}

const DEFAULT_TOLERANCE_SECONDS = 300;
const SECRET_PREFIX = "whsec_";
/** Lengths that Standard Webhooks allows for a secret. */
const SECRET_BYTES = { min: 24, max: 64 } as const;
/** The service sends two at most; each further one is work that somebody else decides on. */
const MAX_SIGNATURES = 8;
const SIGNATURE_BYTES = 32;
const ALGORITHM = { name: "HMAC", hash: "SHA-256" } as const;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Checks a delivery by Standard Webhooks (symmetric signatures, `v1`) and gives its event. A delivery may come more than once:
 * drop what you have by the `id` of the event.
 * @throws WebhookVerificationError when it is not what the service sent, or not now
 * @throws TypeError when a secret is none
 */
export async function verifyWebhook(delivery: ReceivedWebhook): Promise<WebhookEvent> {
  const keys = secretsOf(delivery.secrets).map(readSecret);
  const id = requireHeader(delivery.headers, "webhook-id");
  const timestamp = requireHeader(delivery.headers, "webhook-timestamp");
  const signatures = readSignatures(requireHeader(delivery.headers, "webhook-signature"));
  checkTime(timestamp, delivery);
  const payload = bytesOf(delivery.payload);
  const content = concatenate(new TextEncoder().encode(`${id}.${timestamp}.`), payload);
  if (!(await isSigned(content, signatures, keys))) {
    throw new WebhookVerificationError("wrong-signature", "No signature of the delivery is by one of the secrets");
  }
  return parseEvent(payload);
}

function secretsOf(secrets: string | readonly string[]): readonly string[] {
  const list = typeof secrets === "string" ? [secrets] : secrets;
  if (list.length === 0) throw new TypeError("verifying a webhook takes a secret");
  return list;
}

/** The message never holds the text: it may be a secret with a typing error. */
function readSecret(text: string): Bytes {
  const bytes = text.startsWith(SECRET_PREFIX) ? decodeBase64(text.slice(SECRET_PREFIX.length)) : null;
  if (bytes === null || bytes.length < SECRET_BYTES.min || bytes.length > SECRET_BYTES.max) {
    throw new TypeError(
      `a webhook secret is ${SECRET_PREFIX} and the base64 of ${SECRET_BYTES.min} to ${SECRET_BYTES.max} bytes`,
    );
  }
  return bytes;
}

function requireHeader(headers: ReceivedWebhook["headers"], name: string): string {
  const value = isHeaders(headers) ? headers.get(name) : findHeader(headers, name);
  if (typeof value === "string" && value !== "") return value;
  throw new WebhookVerificationError("missing-header", `The delivery has no header ${name}, or more than one`);
}

/** Also those of another library's making. */
function isHeaders(headers: ReceivedWebhook["headers"]): headers is Headers {
  return typeof Reflect.get(headers, "get") === "function";
}

function findHeader(headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string): unknown {
  const found = Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? (value ?? []) : []));
  return found.length === 1 ? found[0] : undefined;
}

/** Those of this version; others, such as asymmetric ones, are not ours to judge. */
function readSignatures(header: string): readonly Bytes[] {
  return header
    .split(" ", MAX_SIGNATURES)
    .flatMap((text) => (text.startsWith("v1,") ? (decodeBase64(text.slice("v1,".length)) ?? []) : []))
    .filter((signature) => signature.length === SIGNATURE_BYTES);
}

function checkTime(timestamp: string, { toleranceSeconds, now = Date.now }: ReceivedWebhook): void {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new WebhookVerificationError("malformed-header", "The webhook-timestamp is no number of seconds");
  }
  const tolerance = toleranceSeconds ?? DEFAULT_TOLERANCE_SECONDS;
  const age = Math.floor(now() / 1_000) - Number(timestamp);
  if (age > tolerance) throw new WebhookVerificationError("too-old", `The delivery is ${age} seconds old`);
  if (-age > tolerance) throw new WebhookVerificationError("too-new", `The delivery is ${-age} seconds in the future`);
}

/** The platform compares, in constant time. */
async function isSigned(content: Bytes, signatures: readonly Bytes[], secrets: readonly Bytes[]): Promise<boolean> {
  for (const secret of secrets) {
    const key = await crypto.subtle.importKey("raw", secret, ALGORITHM, false, ["verify"]);
    for (const signature of signatures) {
      if (await crypto.subtle.verify(ALGORITHM.name, key, signature, content)) return true;
    }
  }
  return false;
}

function parseEvent(payload: Bytes): WebhookEvent {
  const event = parseJson(payload);
  if (isEvent(event)) return event;
  throw new WebhookVerificationError("malformed-payload", "The delivery is signed, but is no event in JSON");
}

/** Events of types that this version does not know pass, too: new ones come without notice. */
function isEvent(value: unknown): value is WebhookEvent {
  if (typeof value !== "object" || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  return ["id", "type", "occurred_at"].every((name) => typeof members.get(name) === "string");
}

function parseJson(bytes: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function bytesOf(payload: ReceivedWebhook["payload"]): Bytes {
  return typeof payload === "string" ? new TextEncoder().encode(payload) : new Uint8Array(payload);
}

function concatenate(head: Uint8Array, tail: Uint8Array): Bytes {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

function decodeBase64(text: string): Bytes | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
