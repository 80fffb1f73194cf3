import { request as httpRequest } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import fc from "fast-check";

/** A request as it goes over the wire; no client tidies it up. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function sendRaw(url: URL, { method, path, headers, body }: RawRequest): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const { hostname, port } = url;
  const length = body === null ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const outgoing = httpRequest(
    { hostname, port, method, path, headers: { ...headers, ...length }, agent: false },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const received = new Headers();
        for (const [name, value] of Object.entries(response.headers)) {
          for (const text of [value ?? []].flat()) received.append(name, text);
        }
        resolve({ status: response.statusCode ?? 0, headers: received, text: decode(Buffer.concat(chunks), received) });
      });
    },
  );
  outgoing.on("error", reject);
  outgoing.end(body ?? undefined);
  return promise;
}

/** The runtime compresses for clients that accept it. */
function decode(content: Buffer, headers: Headers): string {
  const encoding = content.length === 0 ? null : headers.get("Content-Encoding");
  if (encoding === "gzip") return gunzipSync(content).toString();
  return encoding === "br" ? brotliDecompressSync(content).toString() : content.toString();
}

const USERS = "/api/v1/users";
const VALID = { username: "newcomer", email: "newcomer@example.com", full_name: "New Comer" };

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 120 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom(
    "\u0000",
    "\uD800",
    "\uFEFF",
    "\u202E",
    "İ",
    "ſ",
    "K",
    "ß",
    "a".repeat(70_000),
    "'; drop table users; --",
  ),
);

/** JSON that is nearly a user: members of other types, with odd texts, missing, too many, or with odd names. */
const nearlyUser = fc
  .record({
    base: fc.subarray(Object.entries(VALID), { minLength: 1 }),
    odd: fc.dictionary(
      fc.oneof(
        fc.constantFrom("username", "email", "full_name", "id", "__proto__", "constructor", "toString"),
        anyText,
      ),
      fc.oneof(anyText, fc.jsonValue({ maxDepth: 3 })),
      { maxKeys: 3, noNullPrototype: true },
    ),
  })
  .map(({ base, odd }) => {
    const members = [...base, ...Object.entries(odd)];
    return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  });

/** The text of a user with a part of it replaced. */
const mutated = fc
  .record({
    from: fc.nat({ max: 90 }),
    length: fc.nat({ max: 12 }),
    insert: fc.oneof(fc.string({ maxLength: 8 }), anyText),
  })
  .map(({ from, length, insert }) => {
    const text = JSON.stringify(VALID);
    return `${text.slice(0, from)}${insert}${text.slice(from + length)}`;
  });

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.record({ at: fc.nat({ max: 80 }), byte: fc.nat({ max: 255 }) }).map(({ at, byte }) => {
    const text = Buffer.from(JSON.stringify(VALID));
    text[at] = byte;
    return text;
  }),
);

const body: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  nearlyUser,
  mutated,
  bytes,
  fc.json({ maxDepth: 6 }),
  fc.nat({ max: 20_000 }).map((depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`),
);

const mediaType = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("application/json", "application/merge-patch+json") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "application/json; charset=utf-8",
      "application/json;charset=utf-16",
      "text/plain",
      "multipart/form-data",
      "application/x-www-form-urlencoded",
      ";",
      "application/json;;",
    ),
  },
);

/** Requests with hostile bodies, for a user that exists. */
export function bodyRequests(id: string): fc.Arbitrary<RawRequest> {
  const target = fc.constantFrom(
    { method: "POST", path: USERS },
    { method: "PATCH", path: `${USERS}/id/${id}` },
    { method: "PATCH", path: `${USERS}/id/00000000-0000-0000-0000-000000000000` },
    { method: "DELETE", path: `${USERS}/id/00000000-0000-0000-0000-000000000000` },
    { method: "PUT", path: USERS },
  );
  return fc.record({ target, type: mediaType, body }).map(({ target: { method, path }, type, body: content }) => ({
    method,
    path,
    headers: { "Content-Type": type },
    body: content,
  }));
}

/** Whatever HTTP lets a field value hold: visible characters, spaces, tabs and bytes from 128 on. */
const wireText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
        { weight: 1, arbitrary: fc.constantFrom(9, 0x80, 0xa0, 0xc3, 0xff) },
      ),
      { maxLength },
    )
    .map((codes) => String.fromCharCode(...codes));

const fragments = fc.constantFrom(
  "*",
  '"',
  "W/",
  '""',
  ",",
  ", ",
  ";",
  ";q=",
  "q=0",
  "0.5",
  "1e9",
  "-1",
  "\\",
  "application/json",
  "*/*",
  "text/html",
  "application/*",
  "Bearer ",
  "Basic ",
  "eyJhbGciOiJub25lIn0.e30.",
  "00-",
  "0af7651916cd43dd8448eb211c80319c",
  "-b7ad6b7169203331-01",
  "https://evil.example",
  "null",
  "PATCH",
  "%00",
  "gzip",
);

const HEADER_NAMES = [
  "Accept",
  "Accept-Encoding",
  "Access-Control-Request-Headers",
  "Access-Control-Request-Method",
  "Authorization",
  "CF-Connecting-IP",
  "Content-Type",
  "Cookie",
  "Forwarded",
  "Idempotency-Key",
  "If-Match",
  "If-Modified-Since",
  "If-None-Match",
  "If-Unmodified-Since",
  "Origin",
  "Prefer",
  "Range",
  "User-Agent",
  "X-API-Key",
  "X-Forwarded-For",
  "X-HTTP-Method-Override",
  "X-Request-ID",
  "traceparent",
  "tracestate",
] as const;

/** Requests that are valid but for some of their headers. */
export function headerRequests(id: string): fc.Arbitrary<RawRequest> {
  const tag = `"${id}.1"`;
  const value = fc.oneof(
    wireText(60),
    fc.array(fc.oneof(fragments, fc.constant(tag), wireText(4)), { maxLength: 8 }).map((parts) => parts.join("")),
    fc
      .record({ part: fc.oneof(fragments, wireText(3)), count: fc.nat({ max: 3_000 }) })
      .map(({ part, count }) => part.repeat(count).slice(0, 8_000)),
  );
  const header = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constantFrom<string>(...HEADER_NAMES), value) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom("If-Match", "If-None-Match"),
        fc.constantFrom(tag, `W/${tag}`, "*", `"x", ${tag}`, `${tag};`),
      ),
    },
  );
  const json = JSON.stringify(VALID);
  const operation = fc.constantFrom(
    { method: "GET", path: USERS, body: null },
    { method: "HEAD", path: `${USERS}/id/${id}`, body: null },
    { method: "GET", path: `${USERS}/id/${id}`, body: null },
    { method: "GET", path: `${USERS}/username/fuzzed`, body: null },
    { method: "POST", path: USERS, body: json },
    { method: "PATCH", path: `${USERS}/id/${id}`, body: "{}" },
    { method: "DELETE", path: `${USERS}/id/00000000-0000-0000-0000-000000000000`, body: null },
    { method: "OPTIONS", path: USERS, body: null },
    { method: "GET", path: "/ready", body: null },
    { method: "GET", path: "/openapi.json", body: null },
  );
  return fc
    .record({
      operation,
      headers: fc.array(header, { minLength: 1, maxLength: 4 }),
    })
    .map(({ operation: { method, path, body: content }, headers }) => {
      const type: Record<string, string> = content === null ? {} : { "Content-Type": "application/json" };
      return { method, path, headers: { ...type, ...Object.fromEntries(headers) }, body: content };
    });
}

/** Methods that the runtime hands to a Worker; it refuses others itself. */
const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "PROPFIND",
  "SEARCH",
  "MERGE",
  "PURGE",
  "LOCK",
] as const;

const time = fc
  .record({
    year: fc.constantFrom("0000", "0001", "0099", "1582", "1969", "2026", "9999"),
    rest: fc.constantFrom("-01-01T00:00:00", "-12-31T23:59:59", "-02-29T12:00:00.123456789", "-12-31T23:59:60"),
    zone: fc.constantFrom("Z", "%2B00:00", "%2B23:59", "-23:59", "%2B14:00", "z", ""),
  })
  .map(({ year, rest, zone }) => `${year}${rest}${zone}`);

const escapes = fc.constantFrom(
  "%00",
  "%2F",
  "%2f..%2f",
  "%ff",
  "%C3%A9",
  "%ED%A0%80",
  "%",
  "%zz",
  "%25",
  "+",
  "&",
  "=",
  "#",
  "'",
  "{}",
  "[]",
  "a",
  "Z9",
  "_-",
);
const scrap = fc
  .array(
    fc.oneof(
      escapes,
      fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

/** Requests for all kinds of paths and queries, by all methods. */
export function pathRequests(id: string): fc.Arbitrary<RawRequest> {
  const parameter = fc.oneof(
    fc.tuple(fc.constantFrom("created_after", "created_before"), time),
    fc.tuple(
      fc.constant("limit"),
      fc.oneof(fc.constantFrom("1", "100", "101", "0", "-1", "1e1", "01", "", "999999999999"), scrap),
    ),
    fc.tuple(
      fc.constant("sort"),
      fc.oneof(fc.constantFrom("username", "-username", "created_at", "-created_at", "email"), scrap),
    ),
    fc.tuple(
      fc.constantFrom("username", "email"),
      fc.oneof(fc.constantFrom("a", "A9", "fuzzed", "fuzzed@example.com", "%25", "_"), scrap),
    ),
    fc.tuple(fc.constant("cursor"), fc.oneof(fc.base64String({ maxLength: 120 }), scrap)),
    fc.tuple(scrap, scrap),
  );
  const query = fc.oneof(
    { weight: 1, arbitrary: fc.constant("") },
    {
      weight: 3,
      arbitrary: fc
        .array(parameter, { maxLength: 3 })
        .map((all) => `?${all.map(([name, value]) => `${name}=${value}`).join("&")}`),
    },
  );
  const segment = fc.oneof(
    fc.constantFrom(
      "api",
      "v1",
      "users",
      "id",
      "username",
      "health",
      "ready",
      "docs",
      "problems",
      "openapi.json",
      id,
      "fuzzed",
      "..",
      ".",
      "",
    ),
    scrap,
  );
  const path = fc.oneof(
    { weight: 3, arbitrary: fc.constant(USERS) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom("id", "username", "ID"),
          fc.oneof(fc.constantFrom(id, id.toUpperCase(), "fuzzed", "FUZZED"), scrap),
        )
        .map(([kind, value]) => `${USERS}/${kind}/${value}`),
    },
    { weight: 2, arbitrary: fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join("/")}`) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom("/docs/", "/problems/"), scrap).map((parts) => parts.join("")) },
  );
  return fc
    .record({
      method: fc.oneof(
        { weight: 3, arbitrary: fc.constant("GET") },
        { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
      ),
      path,
      query,
    })
    .map((parts) => ({
      method: parts.method,
      path: `${parts.path}${parts.query}`.replaceAll("#", "%23"),
      headers: {},
      body: null,
    }));
}
