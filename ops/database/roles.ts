/** The roles of worker-role.sql: the first one logs in, the second one holds the rights. */
export const LOGIN_ROLE = "users_api";
export const RIGHTS_ROLE = "users_worker";
