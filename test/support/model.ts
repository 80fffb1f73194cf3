import type { UserSort } from "../../src/models/user-list.ts";
import { type Fields, FIELD_NAMES } from "./model-values.ts";

/** A user as the API shows it, with the version behind its entity tag. */
export interface ModelUser {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly version: number;
}

/** All that the service has to remember. */
export interface Model {
  readonly users: ReadonlyMap<string, ModelUser>;
  readonly keys: ReadonlyMap<string, { readonly payload: string; readonly created: ModelUser }>;
}

export const EMPTY_MODEL: Model = { users: new Map(), keys: new Map() };

/** A header with entity tags, and what it means. */
export interface Condition {
  readonly header: string;
  readonly meaning: "any" | "malformed" | { readonly strong: readonly string[]; readonly weak: readonly string[] };
}

export interface ListScope {
  readonly sort: UserSort;
  readonly prefix: string | null;
  readonly email: string | null;
  readonly after: string | null;
  readonly before: string | null;
}

/** One request with everything in it, and enough about it to know its answer. */
export type Call =
  | { readonly kind: "create"; readonly fields: Fields; readonly key: string | null }
  | {
      readonly kind: "get";
      readonly by: "id" | "username";
      readonly value: string;
      readonly ifNoneMatch: Condition | null;
    }
  | { readonly kind: "patch"; readonly id: string; readonly fields: Fields; readonly ifMatch: Condition | null }
  | { readonly kind: "delete"; readonly id: string; readonly ifMatch: Condition | null }
  | {
      readonly kind: "list";
      readonly scope: ListScope;
      readonly limit: number;
      /** Behind which user to go on; "refused" when the cursor belongs elsewhere. */
      readonly cursor: { readonly text: string; readonly behind: ModelUser | "refused" } | null;
    };

/** What a client can see of an answer. */
export interface Observed {
  readonly status: number;
  readonly etag: string | null;
  readonly location: string | null;
  readonly isReplay: boolean;
  readonly hasRetryAfter: boolean;
  readonly hasNextLink: boolean;
  /** Last part of a problem's type; null for a success. */
  readonly problem: string | null;
  /** `<pointer or parameter> <code>` of every rejected input, sorted. */
  readonly errors: readonly string[];
  readonly body: unknown;
}

/** What has to be seen, as far as it is certain beforehand, and what is true afterwards. */
interface Outcome {
  readonly expected: Partial<Observed>;
  readonly next: Model;
}

export interface StepOptions {
  /** Other requests run at the same time, so that a key may be in use and the database may ask for another try. */
  readonly isConcurrent: boolean;
}

/** What the service had to answer at this point, given what it made up itself (ids and times). */
export function step(model: Model, call: Call, observed: Observed, { isConcurrent }: StepOptions): Outcome {
  if (isConcurrent && isTransient(call, observed)) return { expected: { hasRetryAfter: true }, next: model };
  switch (call.kind) {
    case "create":
      return create(model, call, observed);
    case "get":
      return get(model, call);
    case "patch":
      return patch(model, call, observed);
    case "delete":
      return remove(model, call);
    case "list":
      return list(model, call, observed);
  }
}

function isTransient(call: Call, { problem }: Observed): boolean {
  if (call.kind === "create" && call.key !== null && problem === "idempotency-key-in-use") return true;
  return (call.kind === "create" || call.kind === "patch") && problem === "database-unavailable";
}

function create(model: Model, call: Extract<Call, { kind: "create" }>, observed: Observed): Outcome {
  const { fields, key } = call;
  const errors = inputErrors(fields, key === '"' ? "Idempotency-Key" : null, FIELD_NAMES);
  if (errors.length > 0) return refuse(model, 400, "validation-failed", errors);
  const name = key?.replaceAll('"', "") ?? null;
  const payload = JSON.stringify(FIELD_NAMES.map((field) => fields[field]?.raw));
  const stored = name === null ? undefined : model.keys.get(name);
  if (stored !== undefined && stored.payload !== payload) return refuse(model, 422, "idempotency-key-reused");
  if (stored !== undefined) return { expected: created(stored.created, true), next: model };
  return insert(model, call, observed, name === null ? null : { name, payload });
}

function insert(
  model: Model,
  { fields }: Extract<Call, { kind: "create" }>,
  observed: Observed,
  key: { readonly name: string; readonly payload: string } | null,
): Outcome {
  const values = storedValues(fields);
  const conflict = conflictOf(model, values, null);
  if (conflict !== null) return refuse(model, 409, conflict);
  const user = { ...readUser(observed, 1), ...values };
  if (!isNew(model, user))
    return { expected: { status: 201, body: "a user with a new id and the time of now" }, next: model };
  const keys = key === null ? model.keys : new Map(model.keys).set(key.name, { payload: key.payload, created: user });
  return { expected: created(user, false), next: { users: new Map(model.users).set(user.id, user), keys } };
}

function isNew({ users }: Model, { id, created_at: createdAt, updated_at: updatedAt }: ModelUser): boolean {
  return !users.has(id) && updatedAt === createdAt && isRecent(createdAt);
}

function get(model: Model, { by, value, ifNoneMatch }: Extract<Call, { kind: "get" }>): Outcome {
  const user = [...model.users.values()].find((candidate) => candidate[by] === value.toLowerCase());
  if (user === undefined) return refuse(model, 404, "user-not-found");
  const isKnown = ifNoneMatch !== null && matches(ifNoneMatch, user, ["strong", "weak"]);
  return { expected: isKnown ? { status: 304, etag: etagOf(user), body: null } : shown(200, user), next: model };
}

function patch(model: Model, call: Extract<Call, { kind: "patch" }>, observed: Observed): Outcome {
  const { id, fields, ifMatch } = call;
  const errors = inputErrors(fields, ifMatch?.meaning === "malformed" ? "If-Match" : null, []);
  if (errors.length > 0) return refuse(model, 400, "validation-failed", errors);
  if (!isMet(model, ifMatch, id)) return refuse(model, 412, "precondition-failed");
  const user = model.users.get(id);
  if (user === undefined) return refuse(model, 404, "user-not-found");
  const values = storedValues(fields);
  if (Object.keys(values).length === 0) return { expected: shown(200, user), next: model };
  const conflict = conflictOf(model, values, id);
  if (conflict !== null) return refuse(model, 409, conflict);
  const { updated_at: time } = readUser(observed, 0);
  const isLater = time >= user.updated_at && isRecent(time);
  if (!isLater) return { expected: { status: 200, body: "a user whose time of change is now" }, next: model };
  const changed = { ...user, ...values, updated_at: time, version: user.version + 1 };
  return { expected: shown(200, changed), next: { ...model, users: new Map(model.users).set(id, changed) } };
}

function remove(model: Model, { id, ifMatch }: Extract<Call, { kind: "delete" }>): Outcome {
  if (ifMatch?.meaning === "malformed") return refuse(model, 400, "validation-failed", ["If-Match invalid_format"]);
  if (!isMet(model, ifMatch, id)) return refuse(model, 412, "precondition-failed");
  const users = new Map(model.users);
  users.delete(id);
  return { expected: { status: 204, problem: null, etag: null, body: null }, next: { ...model, users } };
}

function list(model: Model, { scope, limit, cursor }: Extract<Call, { kind: "list" }>, observed: Observed): Outcome {
  if (cursor?.behind === "refused") return refuse(model, 400, "invalid-cursor");
  const { sort, prefix, email, after, before } = scope;
  const sign = sort.startsWith("-") ? -1 : 1;
  const compare = (left: ModelUser, right: ModelUser): number =>
    sign * (keyOf(left, sort) < keyOf(right, sort) ? -1 : 1);
  const start = cursor?.behind;
  const found = [...model.users.values()]
    .filter((user) => prefix === null || user.username.startsWith(prefix.toLowerCase()))
    .filter((user) => email === null || user.email === email.toLowerCase())
    .filter((user) => (after === null || user.created_at > after) && (before === null || user.created_at < before))
    .filter((user) => start === undefined || (keyOf(user, sort) !== keyOf(start, sort) && compare(start, user) < 0))
    .toSorted(compare);
  const hasMore = found.length > limit;
  // The cursor itself is the service's own affair; what it does is seen when it is followed.
  const next = hasMore ? cursorOf(observed) : null;
  if (hasMore && next === null) return { expected: { status: 200, body: "a page with a cursor" }, next: model };
  const body = { data: found.slice(0, limit).map(bodyOf), next_cursor: next };
  return { expected: { status: 200, problem: null, hasNextLink: hasMore, body }, next: model };
}

export function cursorOf({ body }: Observed): string | null {
  const cursor = typeof body === "object" && body !== null && "next_cursor" in body ? body.next_cursor : null;
  return typeof cursor === "string" ? cursor : null;
}

function refuse(model: Model, status: number, problem: string, errors: readonly string[] = []): Outcome {
  return { expected: { status, problem, errors, etag: null, location: null, isReplay: false }, next: model };
}

function created(user: ModelUser, isReplay: boolean): Partial<Observed> {
  return { ...shown(201, user), location: `/api/v1/users/id/${user.id}`, isReplay };
}

function shown(status: number, user: ModelUser): Partial<Observed> {
  return { status, problem: null, etag: etagOf(user), body: bodyOf(user) };
}

export function etagOf({ id, version }: ModelUser): string {
  return `"${id}.${version}"`;
}

function bodyOf(user: ModelUser): Omit<ModelUser, "version"> {
  const { version: _version, ...body } = user;
  return body;
}

function keyOf({ username, created_at: time, id }: ModelUser, sort: UserSort): string {
  return sort.endsWith("username") ? username : `${time} ${id}`;
}

function matches({ meaning }: Condition, user: ModelUser, kinds: readonly ("strong" | "weak")[]): boolean {
  if (meaning === "malformed") return false;
  return meaning === "any" || kinds.some((kind) => meaning[kind].includes(etagOf(user)));
}

/** Whether a change may be made as far as `If-Match` goes; who names a state expects a user in it. */
function isMet({ users }: Model, condition: Condition | null, id: string): boolean {
  if (condition === null) return true;
  const user = users.get(id);
  return user !== undefined && matches(condition, user, ["strong"]);
}

/** What is wrong with the input, told in this order: its shape, its header, its values. */
function inputErrors(fields: Fields, malformedHeader: string | null, required: readonly (keyof Fields)[]): string[] {
  const missing = required.filter((name) => fields[name] === undefined).map((name) => `/${name} required`);
  const shape = [...missing, ...broken(fields, true)].toSorted();
  if (shape.length > 0) return shape;
  return malformedHeader === null ? broken(fields, false) : [`${malformedHeader} invalid_format`];
}

function broken(fields: Fields, isShape: boolean): string[] {
  return FIELD_NAMES.flatMap((name) => {
    const value = fields[name];
    return value !== undefined && "code" in value && value.isShape === isShape ? [`/${name} ${value.code}`] : [];
  }).toSorted();
}

function storedValues(fields: Fields): Record<string, string> {
  return Object.fromEntries(
    FIELD_NAMES.flatMap((name) => {
      const value = fields[name];
      return value !== undefined && "stored" in value ? [[name, value.stored]] : [];
    }),
  );
}

function conflictOf({ users }: Model, values: Record<string, string>, except: string | null): string | null {
  const others = [...users.values()].filter(({ id }) => id !== except);
  if (others.some(({ username }) => username === values["username"])) return "username-taken";
  return others.some(({ email }) => email === values["email"]) ? "email-taken" : null;
}

/** The parts of a user that only the service knows, or empty ones. */
function readUser({ body }: Observed, version: number): ModelUser {
  const given = new Map<string, unknown>(typeof body === "object" && body !== null ? Object.entries(body) : []);
  const textOf = (name: string): string => {
    const value = given.get(name);
    return typeof value === "string" ? value : "";
  };
  const [id, created_at, updated_at] = [textOf("id"), textOf("created_at"), textOf("updated_at")];
  return { id, username: "", email: "", full_name: "", created_at, updated_at, version };
}

/** The clocks of this process and of the runtime are the same one, but for what it costs to read it. */
function isRecent(time: string): boolean {
  return Math.abs(Date.parse(time) - Date.now()) < 60_000;
}
