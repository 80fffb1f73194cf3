import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";

import type { components } from "../../../client/src/schema.ts";
import type { ApiAnswer } from "../api/users-api.ts";
import type { UserSchema } from "../gen/users/v1/users_pb.ts";

type User = components["schemas"]["User"];

/** A user of the API as a message. */
export function toUserMessage(user: User): MessageInitShape<typeof UserSchema> {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    fullName: user.full_name,
    createdAt: timestampFromMs(Date.parse(user.created_at)),
    updatedAt: timestampFromMs(Date.parse(user.updated_at)),
  };
}

/** A user with the name of their state. */
export function toTaggedUser(answer: ApiAnswer<User>): {
  readonly user: MessageInitShape<typeof UserSchema>;
  readonly etag: string;
} {
  return { user: toUserMessage(bodyOf(answer)), etag: answer.headers.get("ETag") ?? "" };
}

/** @throws Error when there is none, which the API's contract rules out */
export function bodyOf<Body>({ data }: ApiAnswer<Body>): Body {
  if (data === undefined) throw new Error("The API's answer has no body.");
  return data;
}
