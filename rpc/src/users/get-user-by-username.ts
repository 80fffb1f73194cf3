import type { MethodImpl } from "@connectrpc/connect";

import type { UsersApi } from "../api/users-api.ts";
import type { UsersService } from "../gen/users/v1/users_pb.ts";
import { toSegment } from "./texts.ts";
import { toTaggedUser } from "./user-message.ts";

export function getUserByUsername(api: UsersApi): MethodImpl<typeof UsersService.method.getUserByUsername> {
  return async ({ username }, context) => {
    const answer = await api.call(context, {
      isChange: false,
      send: (client, options) =>
        client.GET("/api/v1/users/username/{username}", {
          ...options,
          params: { path: { username: toSegment(username) } },
        }),
    });
    return toTaggedUser(answer);
  };
}
