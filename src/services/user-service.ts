import { AppError, type FieldIssue } from "../models/errors.ts";
import type { IdempotencyClaim } from "../models/idempotency.ts";
import type { Page } from "../models/page.ts";
import type { UserFilter, UserQuery } from "../models/user-list.ts";
import {
  checkEmail,
  checkFullName,
  checkUsername,
  normalizeEmail,
  normalizeFullName,
  normalizeUsername,
} from "../models/user-rules.ts";
import type { ExpectedVersions, User, UserInput, UserPatch, UserRepository } from "../models/user.ts";
import type { Work } from "../models/work.ts";

/**
 * What must be true of a user before it is changed: it exists, and has one of the versions, if any are named; null
 * for nothing. "missing" refuses a change that had to name a precondition.
 */
export type Precondition = { readonly versions: readonly number[] | null } | "missing" | null;

/** A wish to create a user once, and how its answer will be written down. */
export interface KeyedCreation extends IdempotencyClaim {
  readonly status: number;
  readonly render: (user: User) => string;
}

/** The answer of a keyed creation: the first one, word for word. */
export interface StoredAnswer {
  readonly status: number;
  readonly response: string;
  readonly isReplay: boolean;
}

/** What can be done with users. All rules about them are applied here. */
export interface UserService {
  /** Fails with `validation-failed`, `username-taken` or `email-taken`. */
  create(input: UserInput, work: Work): Promise<User>;
  /** Creates the user, or repeats the answer of the first request with the key. Fails as `create` does, or with
   * `idempotency-key-reused` or `idempotency-key-in-use`. */
  createOnce(input: UserInput, keyed: KeyedCreation, work: Work): Promise<StoredAnswer>;
  /** Fails with `user-not-found`. */
  getById(id: string, work: Work): Promise<User>;
  /** Any case. Fails with `validation-failed` or `user-not-found`. */
  getByUsername(username: string, work: Work): Promise<User>;
  list(query: UserQuery, work: Work): Promise<Page<User>>;
  /** An empty patch returns the user unchanged. Fails as `create` does, or with `user-not-found`, `precondition-failed` or
   * `precondition-required`. */
  update(id: string, patch: UserPatch, precondition: Precondition, work: Work): Promise<User>;
  /** Succeeds also when there is no such user, unless a precondition says otherwise. Fails with `precondition-failed` or
   * `precondition-required`. */
  delete(id: string, precondition: Precondition, work: Work): Promise<void>;
}

export interface UserServiceOptions {
  readonly users: UserRepository;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** As long as a client may reasonably go on repeating a request. */
const IDEMPOTENCY_RETENTION_MS = 24 * 60 * 60 * 1_000;

export function createUserService({ users, now, newId }: UserServiceOptions): UserService {
  const toUser = ({ username, email, fullName }: UserInput): User => {
    const valid = validate({ username, email, fullName });
    const time = now();
    return { ...valid, id: newId(), createdAt: time, updatedAt: time, version: 1 };
  };

  return {
    create: async (input, work) => await users.insert(toUser(input), work),

    async createOnce(input, { render, ...claim }, work) {
      const user = toUser(input);
      const expiresAt = new Date(user.createdAt.getTime() + IDEMPOTENCY_RETENTION_MS);
      const answer = { ...claim, response: render(user), createdAt: user.createdAt, expiresAt };
      const outcome = await users.insertOnce(user, answer, work);
      if (outcome.kind === "reused") throw new AppError("idempotency-key-reused");
      if (outcome.kind === "in-use") throw new AppError("idempotency-key-in-use");
      return outcome;
    },

    getById: async (id, work) => found(await users.findById(id, work)),

    async getByUsername(username, work) {
      const valid = validate({ username });
      return found(await users.findByUsername(valid.username, work));
    },

    list: (query, work) => users.list({ ...query, filter: normalizeFilter(query.filter) }, work),

    async update(id, { username, email, fullName }, precondition, work) {
      const change = validate({ username, email, fullName });
      const expected = versionsOf(precondition);
      if (isEmpty(change)) return expectedVersion(await users.findById(id, work), precondition, expected);
      const outcome = await users.update(id, { ...change, updatedAt: now() }, expected, work);
      if (outcome.kind === "done") return outcome.result;
      throw refusalOf(precondition);
    },

    async delete(id, precondition, work) {
      const outcome = await users.delete(id, versionsOf(precondition), work);
      if (precondition !== null && outcome.kind !== "done") throw refusalOf(precondition);
    },
  };
}

function found(user: User | null): User {
  if (user === null) throw new AppError("user-not-found");
  return user;
}

function versionsOf(precondition: Precondition): ExpectedVersions {
  if (precondition === "missing") throw new AppError("precondition-required");
  return precondition?.versions ?? null;
}

function expectedVersion(user: User | null, precondition: Precondition, expected: ExpectedVersions): User {
  if (user === null || (expected !== null && !expected.includes(user.version))) throw refusalOf(precondition);
  return user;
}

/**
 * Whoever names a state of a user expects the user to exist (RFC 9110 section 13.1.1). Without a precondition a user
 * that was not changed is one that is gone, also when it went while the change waited for it.
 */
function refusalOf(precondition: Precondition): AppError {
  return new AppError(precondition === null ? "user-not-found" : "precondition-failed");
}

function normalizeFilter(filter: UserFilter): UserFilter {
  const { usernamePrefix, email } = filter;
  return {
    ...filter,
    usernamePrefix: usernamePrefix === null ? null : normalizeUsername(usernamePrefix),
    email: email === null ? null : normalizeEmail(email),
  };
}

function isEmpty(patch: UserPatch): boolean {
  return patch.username === undefined && patch.email === undefined && patch.fullName === undefined;
}

/** Normalises the given fields and reports every broken rule at once. */
function validate<Fields extends UserPatch>(fields: Fields): Fields {
  const issues: FieldIssue[] = [];
  const normalized: { -readonly [Field in keyof UserPatch]: string } = {};
  const keep = (field: keyof UserPatch, value: string, issue: FieldIssue | null): void => {
    normalized[field] = value;
    if (issue !== null) issues.push(issue);
  };
  if (fields.username !== undefined) {
    keep("username", normalizeUsername(fields.username), checkUsername(fields.username));
  }
  if (fields.email !== undefined) keep("email", normalizeEmail(fields.email), checkEmail(fields.email));
  if (fields.fullName !== undefined) {
    const fullName = normalizeFullName(fields.fullName);
    keep("fullName", fullName, checkFullName(fullName));
  }
  if (issues.length > 0) throw new AppError("validation-failed", { issues });
  return { ...fields, ...normalized };
}
