import type { MethodImpl } from "@connectrpc/connect";

import type { components } from "../../../client/src/schema.ts";
import type { UsersApi } from "../api/users-api.ts";
import type { UpdateUserRequest, UsersService } from "../gen/users/v1/users_pb.ts";
import { ifMatch, toSegment } from "./texts.ts";
import { toTaggedUser } from "./user-message.ts";

const MERGE_PATCH = "application/merge-patch+json";

export function updateUser(api: UsersApi): MethodImpl<typeof UsersService.method.updateUser> {
  return async (request, context) => {
    const { id, etag } = request;
    const answer = await api.call(context, {
      isChange: true,
      send: (client, options) =>
        client.PATCH("/api/v1/users/id/{id}", {
          ...options,
          headers: { ...options.headers, "Content-Type": MERGE_PATCH },
          params: { path: { id: toSegment(id) }, header: ifMatch(etag) },
          body: toPatch(request),
        }),
    });
    return toTaggedUser(answer);
  };
}

/** The fields that are set. */
function toPatch({ username, email, fullName }: UpdateUserRequest): components["schemas"]["UpdateUser"] {
  return {
    ...(username === undefined ? {} : { username }),
    ...(email === undefined ? {} : { email }),
    ...(fullName === undefined ? {} : { full_name: fullName }),
  };
}
