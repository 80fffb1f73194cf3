// Compiled, never run: what the types of requests and answers allow. Uses the package as its users do.
import {
  createUsersClient,
  type CreatedUser,
  type FollowedEvent,
  type TaggedUser,
  type User,
  type UserEventPage,
  type UserPage,
} from "users-api-client";

const client = createUsersClient({ baseUrl: "https://users.example.com", apiKey: "key" });
const input = { username: "jdoe", email: "jdoe@example.com", full_name: "John Doe" };

// Every method, used rightly.
export const created: Promise<CreatedUser> = client.createUser(input, { idempotencyKey: "import-17" });
export const read: Promise<TaggedUser> = client.getUser("01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10");
export const found: Promise<TaggedUser> = client.getUserByUsername("jdoe", { signal: AbortSignal.timeout(100) });
export const page: Promise<UserPage> = client.listUsers({
  sort: "-username",
  limit: 10,
  created_after: "2026-01-01T00:00:00Z",
});
export const all: AsyncIterable<User> = client.users({ username: "jd" });
export const feed: Promise<UserEventPage> = client.listEvents({ type: "user.deleted", limit: 100 });
export const followed: AsyncIterable<FollowedEvent> = client.events(
  { from: "now" },
  { signal: AbortSignal.timeout(100) },
);
// @ts-expect-error: a stream has no pages
client.events({ limit: 5 });
export const updated: Promise<TaggedUser> = client.updateUser(
  "id",
  { email: "john@example.com" },
  { ifMatch: '"id.1"' },
);
export const deleted: Promise<void> = client.deleteUser("id");
export const modified: Promise<TaggedUser> = client.modifyUser("id", (user) => ({ full_name: `${user.full_name} Jr` }));
createUsersClient({
  baseUrl: new URL("https://users.example.com"),
  token: async () => "token",
  retry: { maxAttempts: 2 },
});
createUsersClient({ baseUrl: "https://users.example.com", token: "token", retry: false, fetch: globalThis.fetch });

// @ts-expect-error -- the base URL is required
createUsersClient({ apiKey: "key" });
// @ts-expect-error -- no such option
createUsersClient({ baseUrl: "https://users.example.com", apikey: "key" });
// @ts-expect-error -- true is no retry policy
createUsersClient({ baseUrl: "https://users.example.com", retry: true });

// @ts-expect-error -- the email address is missing
void client.createUser({ username: "jdoe", full_name: "John Doe" });
// @ts-expect-error -- no such field
void client.createUser({ ...input, age: 42 });
// @ts-expect-error -- the field is called full_name
void client.createUser({ username: "jdoe", email: "jdoe@example.com", fullName: "John Doe" });
// @ts-expect-error -- a username is a string
void client.createUser({ ...input, username: 7 });

// @ts-expect-error -- not an order of this list
void client.listUsers({ sort: "email" });
// @ts-expect-error -- no such filter
void client.listUsers({ full_name: "John" });
// @ts-expect-error -- the limit is a number
void client.users({ limit: "10" });

// @ts-expect-error -- no field can be removed
void client.updateUser("id", { full_name: null });
// @ts-expect-error -- the service gives the id, nobody changes it
void client.updateUser("id", { id: "other" });
// @ts-expect-error -- the option is called ifMatch
void client.deleteUser("id", { etag: '"id.1"' });
// @ts-expect-error -- the change gives no unknown fields
void client.modifyUser("id", () => ({ nickname: "Jack" }));

export async function readAnswers(): Promise<void> {
  const { user, etag, replayed } = await client.createUser(input);
  user.created_at satisfies string;
  etag satisfies string;
  replayed satisfies boolean;
  // @ts-expect-error -- users have no such field
  void user.createdAt;
  // @ts-expect-error -- only a creation can be a replay
  void (await client.getUser("id")).replayed;
  // @ts-expect-error -- the last page has no next cursor
  (await client.listUsers()).next_cursor satisfies string;
  // @ts-expect-error -- users() gives users, not pages
  for await (const { data } of client.users()) void data;
  // @ts-expect-error -- users() is no array
  void client.users().length;
}
