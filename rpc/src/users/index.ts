import type { ServiceImpl } from "@connectrpc/connect";

import type { UsersApi } from "../api/users-api.ts";
import type { UsersService } from "../gen/users/v1/users_pb.ts";
import { createUser } from "./create-user.ts";
import { deleteUser } from "./delete-user.ts";
import { getUserByUsername } from "./get-user-by-username.ts";
import { getUser } from "./get-user.ts";
import { listUsers } from "./list-users.ts";
import { updateUser } from "./update-user.ts";

/** The whole service: one method of the proto file, one file. A method without an entry does not compile. */
export function usersService(api: UsersApi): ServiceImpl<typeof UsersService> {
  return {
    createUser: createUser(api),
    getUser: getUser(api),
    getUserByUsername: getUserByUsername(api),
    listUsers: listUsers(api),
    updateUser: updateUser(api),
    deleteUser: deleteUser(api),
  };
}
