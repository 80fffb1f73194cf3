import type { MethodImpl } from "@connectrpc/connect";

import type { UsersApi } from "../api/users-api.ts";
import type { UsersService } from "../gen/users/v1/users_pb.ts";
import { idempotencyKey } from "./texts.ts";
import { toTaggedUser } from "./user-message.ts";

export function createUser(api: UsersApi): MethodImpl<typeof UsersService.method.createUser> {
  return async ({ username, email, fullName, idempotencyKey: key }, context) => {
    const answer = await api.call(context, {
      isChange: true,
      send: (client, options) =>
        client.POST("/api/v1/users", {
          ...options,
          params: { header: idempotencyKey(key) },
          body: { username, email, full_name: fullName },
        }),
    });
    return { ...toTaggedUser(answer), replayed: answer.headers.get("Idempotent-Replayed") === "true" };
  };
}
