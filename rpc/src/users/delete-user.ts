import type { MethodImpl } from "@connectrpc/connect";

import type { UsersApi } from "../api/users-api.ts";
import type { UsersService } from "../gen/users/v1/users_pb.ts";
import { ifMatch, toSegment } from "./texts.ts";

export function deleteUser(api: UsersApi): MethodImpl<typeof UsersService.method.deleteUser> {
  return async ({ id, etag }, context) => {
    await api.call(context, {
      isChange: true,
      send: (client, options) =>
        client.DELETE("/api/v1/users/id/{id}", {
          ...options,
          params: { path: { id: toSegment(id) }, header: ifMatch(etag) },
        }),
    });
    return {};
  };
}
