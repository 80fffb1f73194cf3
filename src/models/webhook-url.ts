import { isPublicAddress, parseAddress } from "./public-address.ts";

/** Longest URL of an endpoint, in characters. */
export const MAX_WEBHOOK_URL_LENGTH = 2_048;

/** Ports on which Cloudflare takes HTTPS; who can serve webhooks to the internet can serve them on one of these. */
export const WEBHOOK_PORTS: readonly number[] = [443, 2053, 2083, 2087, 2096, 8443];

/**
 * Why nothing is sent to a URL. `malformed`: not a URL, or longer than `MAX_WEBHOOK_URL_LENGTH`. `scheme`: not https.
 * `credentials`: a user name or password. `port`: none of `WEBHOOK_PORTS`. `name`: not one of the public internet. `address`:
 * an IP address that is not on the public internet, in whatever spelling.
 */
export type UrlRefusal = "malformed" | "scheme" | "credentials" | "port" | "name" | "address";

export interface UrlRules {
  /** True on a developer's machine and in tests only: this machine then counts as public, by http too and on every port. */
  readonly allowsLoopback: boolean;
}

/** Null when a request may be sent there, as far as the URL itself tells; what its name resolves to has to be looked at too. */
export function findUrlRefusal(url: string, { allowsLoopback }: UrlRules): UrlRefusal | null {
  if (url.length > MAX_WEBHOOK_URL_LENGTH || !URL.canParse(url)) return "malformed";
  const parsed = new URL(url);
  if (parsed.username !== "" || parsed.password !== "") return "credentials";
  if (allowsLoopback && isLoopback(parsed.hostname) && HTTP.has(parsed.protocol)) return null;
  return findPublicRefusal(parsed);
}

function findPublicRefusal({ protocol, hostname, port }: URL): UrlRefusal | null {
  if (protocol !== "https:") return "scheme";
  if (!WEBHOOK_PORTS.includes(port === "" ? 443 : Number(port))) return "port";
  return findHostRefusal(hostname);
}

/** The name that has to be resolved before a request is sent to the URL; null where its host is an address, or this machine. */
export function nameToResolve(url: string, { allowsLoopback }: UrlRules): string | null {
  const { hostname } = new URL(url);
  if (parseAddress(hostname) !== null || (allowsLoopback && isLoopback(hostname))) return null;
  return hostname;
}

const HTTP: ReadonlySet<string> = new Set(["http:", "https:"]);

/** `hostname` as URL gives it: lower case, an IPv4 address in four decimal parts, an IPv6 address in brackets. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function findHostRefusal(hostname: string): UrlRefusal | null {
  if (parseAddress(hostname) !== null) return isPublicAddress(hostname) ? null : "address";
  return isPublicName(hostname) ? null : "name";
}

/**
 * Names that mean this machine, this network or nothing at all: of special use (RFC 6761, 6762, 8375, 9476), and those that
 * networks give themselves.
 */
const PRIVATE_ZONES: ReadonlySet<string> = new Set([
  "alt",
  "arpa",
  "corp",
  "example",
  "home",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "mail",
  "onion",
  "private",
  "test",
]);

/** A full stop at its end makes a name absolute, and no other name. */
function isPublicName(hostname: string): boolean {
  const labels = hostname.replace(/\.$/, "").split(".");
  return labels.length > 1 && labels.every((label) => label !== "") && !PRIVATE_ZONES.has(labels.at(-1) ?? "");
}
