import { AppError, type FieldIssue } from "../models/errors.ts";
import type { Page, PageRequest } from "../models/page.ts";
import {
  checkEmail,
  checkFullName,
  checkUsername,
  normalizeEmail,
  normalizeFullName,
  normalizeUsername,
} from "../models/user-rules.ts";
import type { User, UserChange, UserInput, UserPatch, UserRepository } from "../models/user.ts";

/** What can be done with users. All rules about them are applied here. */
export interface UserService {
  /** Fails with `validation-failed`, `username-taken` or `email-taken`. */
  create(input: UserInput): Promise<User>;
  /** Fails with `user-not-found`. */
  getById(id: string): Promise<User>;
  /** Any case. Fails with `validation-failed` or `user-not-found`. */
  getByUsername(username: string): Promise<User>;
  list(page: PageRequest): Promise<Page<User>>;
  /** An empty patch returns the user unchanged. Fails as `create` does, or with `user-not-found`. */
  update(id: string, patch: UserPatch): Promise<User>;
  /** Succeeds also when there is no such user. */
  delete(id: string): Promise<void>;
}

export interface UserServiceOptions {
  readonly users: UserRepository;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function createUserService({ users, now, newId }: UserServiceOptions): UserService {
  return {
    async create(input) {
      const { username, email, fullName } = input;
      const valid = validate({ username, email, fullName });
      const time = now();
      return users.insert({ ...valid, id: newId(), createdAt: time, updatedAt: time, version: 1 });
    },

    async getById(id) {
      return found(await users.findById(id));
    },

    async getByUsername(username) {
      const valid = validate({ username });
      return found(await users.findByUsername(valid.username));
    },

    list(page) {
      return users.list(page);
    },

    async update(id, { username, email, fullName }) {
      const change = validate({ username, email, fullName });
      if (isEmpty(change)) return found(await users.findById(id));
      return found(await users.update(id, { ...change, updatedAt: now() } satisfies UserChange));
    },

    delete(id) {
      return users.delete(id);
    },
  };
}

function found(user: User | null): User {
  if (user === null) throw new AppError("user-not-found");
  return user;
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
