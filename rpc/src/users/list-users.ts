import { toJson } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type MethodImpl } from "@connectrpc/connect";

import type { operations } from "../../../client/src/schema.ts";
import type { UsersApi } from "../api/users-api.ts";
import { badRequest, errorInfo } from "../errors/details.ts";
import { type ListUsersRequest, UserSort, type UsersService } from "../gen/users/v1/users_pb.ts";
import { bodyOf, toUserMessage } from "./user-message.ts";

type Query = NonNullable<operations["listUsers"]["parameters"]["query"]>;

export function listUsers(api: UsersApi): MethodImpl<typeof UsersService.method.listUsers> {
  return async (request, context) => {
    const query = toQuery(request);
    const answer = await api.call(context, {
      isChange: false,
      fields: { username: "username_prefix" },
      send: (client, options) => client.GET("/api/v1/users", { ...options, params: { query } }),
    });
    const { data, next_cursor: nextPageToken } = bodyOf(answer);
    return { users: data.map(toUserMessage), nextPageToken: nextPageToken ?? "" };
  };
}

/** What has its default value is left out: it asks for nothing. */
function toQuery(request: ListUsersRequest): Query {
  const query: Query = {};
  if (request.pageSize !== 0) query.limit = request.pageSize;
  if (request.pageToken !== "") query.cursor = request.pageToken;
  if (request.sort !== UserSort.UNSPECIFIED) query.sort = toSort(request.sort);
  if (request.usernamePrefix !== "") query.username = request.usernamePrefix;
  if (request.email !== "") query.email = request.email;
  if (request.createdAfter !== undefined) query.created_after = toInstant("created_after", request.createdAfter);
  if (request.createdBefore !== undefined) query.created_before = toInstant("created_before", request.createdBefore);
  return query;
}

const SORTS: Readonly<Record<number, Query["sort"]>> = {
  [UserSort.CREATED_AT_DESC]: "-created_at",
  [UserSort.CREATED_AT_ASC]: "created_at",
  [UserSort.USERNAME_ASC]: "username",
  [UserSort.USERNAME_DESC]: "-username",
};

function toSort(sort: UserSort): NonNullable<Query["sort"]> {
  const known = SORTS[sort];
  if (known === undefined) throw invalid("sort", "Give an order that is known.");
  return known;
}

/** @throws ConnectError for what is outside of the years 1 to 9999, which RFC 3339 cannot say */
function toInstant(field: string, time: Timestamp): string {
  try {
    return toJson(TimestampSchema, time);
  } catch {
    throw invalid(field, "Give a time in the years 1 to 9999.");
  }
}

function invalid(field: string, description: string): ConnectError {
  const details = [errorInfo("VALIDATION_FAILED"), badRequest([{ field, description, reason: "INVALID_FORMAT" }])];
  return new ConnectError(`${field}: ${description}`, Code.InvalidArgument, undefined, details);
}
