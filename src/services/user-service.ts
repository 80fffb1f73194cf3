import type { CallContext } from "../models/call-context.ts";
import { AppError, type FieldIssue } from "../models/errors.ts";
import type { IdempotencyClaim, StoredResponse } from "../models/idempotency.ts";
import type { Page } from "../models/page.ts";
import type { Precondition } from "../models/precondition.ts";
import type { UserFilter, UserQuery } from "../models/user-list.ts";
import {
  checkEmail,
  checkFullName,
  checkUsername,
  normalizeEmail,
  normalizeFullName,
  normalizeUsername,
} from "../models/user-rules.ts";
import type { User, UserInput, UserPatch, UserRepository } from "../models/user.ts";
import { expectedVersions, preconditionError, requireVersion } from "./preconditions.ts";

/** How the response to a creation is stored: its HTTP status, and its body for the user. */
export interface CreationResponse {
  readonly status: number;
  readonly serialize: (user: User) => string;
}

/** What can be done with users. All rules about them are applied here. */
export interface UserService {
  /** Fails with `validation-failed`, `username-taken` or `email-taken`. */
  create(input: UserInput, context: CallContext): Promise<User>;
  /** Creates the user, or repeats the response to the first request with the key. Fails as `create` does, or with
   * `idempotency-key-reused` or `idempotency-key-in-use`. */
  createOnce(
    input: UserInput,
    claim: IdempotencyClaim,
    response: CreationResponse,
    context: CallContext,
  ): Promise<StoredResponse>;
  /** Fails with `user-not-found`. */
  getById(id: string, context: CallContext): Promise<User>;
  /** Any case. Fails with `validation-failed` or `user-not-found`. */
  getByUsername(username: string, context: CallContext): Promise<User>;
  list(query: UserQuery, context: CallContext): Promise<Page<User>>;
  /** An empty patch returns the user unchanged. Fails as `create` does, or with `user-not-found`, `precondition-failed` or
   * `precondition-required`. */
  update(id: string, patch: UserPatch, precondition: Precondition, context: CallContext): Promise<User>;
  /** Succeeds also when there is no such user, unless a precondition says otherwise. Fails with `precondition-failed` or
   * `precondition-required`. */
  delete(id: string, precondition: Precondition, context: CallContext): Promise<void>;
}

export interface UserServiceOptions {
  readonly users: UserRepository;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** As long as a client may reasonably go on repeating a request. */
const IDEMPOTENCY_RETENTION_MS = 24 * 60 * 60 * 1_000;

export function createUserService({ users, now, newId }: UserServiceOptions): UserService {
  const newUser = ({ username, email, fullName }: UserInput): User => {
    const valid = validate({ username, email, fullName });
    const time = now();
    return { ...valid, id: newId(), createdAt: time, updatedAt: time, version: 1 };
  };

  return {
    create: async (input, context) => await users.insert(newUser(input), context),

    async createOnce(input, claim, { status, serialize }, context) {
      const user = newUser(input);
      const { createdAt } = user;
      const expiresAt = new Date(createdAt.getTime() + IDEMPOTENCY_RETENTION_MS);
      return await users.insertOnce(
        user,
        { ...claim, status, response: serialize(user), createdAt, expiresAt },
        context,
      );
    },

    getById: async (id, context) => requireUser(await users.findById(id, context)),

    async getByUsername(username, context) {
      const valid = validate({ username });
      return requireUser(await users.findByUsername(valid.username, context));
    },

    list: (query, context) => users.list({ ...query, filter: normalizeFilter(query.filter) }, context),

    async update(id, { username, email, fullName }, precondition, context) {
      const change = validate({ username, email, fullName });
      const expected = expectedVersions(precondition);
      if (isEmpty(change)) return requireVersion(await users.findById(id, context), precondition, ABSENT);
      const user = await users.update(id, { ...change, updatedAt: now() }, expected, context);
      if (user === null) throw preconditionError(precondition, ABSENT);
      return user;
    },

    async delete(id, precondition, context) {
      const isDeleted = await users.delete(id, expectedVersions(precondition), context);
      if (precondition !== null && !isDeleted) throw preconditionError(precondition, ABSENT);
    },
  };
}

const ABSENT = "user-not-found";

function requireUser(user: User | null): User {
  if (user === null) throw new AppError(ABSENT);
  return user;
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
  if (fields.email !== undefined) {
    const email = normalizeEmail(fields.email);
    keep("email", email, checkEmail(email));
  }
  if (fields.fullName !== undefined) {
    const fullName = normalizeFullName(fields.fullName);
    keep("fullName", fullName, checkFullName(fullName));
  }
  if (issues.length > 0) throw new AppError("validation-failed", { issues });
  return { ...fields, ...normalized };
}
