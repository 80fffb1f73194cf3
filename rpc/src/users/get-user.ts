import type { MethodImpl } from "@connectrpc/connect";

import type { UsersApi } from "../api/users-api.ts";
import type { UsersService } from "../gen/users/v1/users_pb.ts";
import { toSegment } from "./texts.ts";
import { toTaggedUser } from "./user-message.ts";

export function getUser(api: UsersApi): MethodImpl<typeof UsersService.method.getUser> {
  return async ({ id }, context) => {
    const answer = await api.call(context, {
      isChange: false,
      send: (client, options) =>
        client.GET("/api/v1/users/id/{id}", { ...options, params: { path: { id: toSegment(id) } } }),
    });
    return toTaggedUser(answer);
  };
}
