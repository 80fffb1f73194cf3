import { describe, test } from "vitest";

import { createDatabaseClient } from "../../src/db/client.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { textsOf } from "../support/refusals.ts";

const PASSWORD = "zq7-pa55word";

describe("the client of the database", () => {
  test.for([
    `postgresql://app:${PASSWORD}@256.256.256.256/users`,
    `postgresql://app:${PASSWORD}%zz@host/users`,
    PASSWORD,
  ])("refuses the URL %s without repeating it, as the driver would", (databaseUrl, { expect }) => {
    let thrown: unknown;
    try {
      createDatabaseClient({ databaseUrl, fetchEndpoint: null });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(DatabaseError);
    expect(textsOf(thrown).join("\n")).not.toContain(PASSWORD);
  });
});
