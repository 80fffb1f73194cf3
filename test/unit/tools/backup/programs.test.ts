import { describe, test } from "vitest";

import { choosePrograms } from "../../../../tools/backup/programs/choose-programs.ts";
import { connectionEnvironment } from "../../../../tools/backup/programs/connection-environment.ts";
import type { Programs } from "../../../../tools/backup/programs/find-programs.ts";
import { planInstall } from "../../../../tools/backup/programs/install-plan.ts";

const programs = (major: number, hasServer = true): Programs => ({
  folder: `/usr/lib/postgresql/${major}/bin`,
  version: `${major}.1`,
  major,
  hasServer,
});

describe("the choice of PostgreSQL's programs", () => {
  const because = "the server of db";

  test("is those of the server's version, else the next newer ones", ({ expect }) => {
    const found = [programs(14), programs(16), programs(18)];
    expect(choosePrograms(found, { major: 16, because }).major).toBe(16);
    expect(choosePrograms(found, { major: 15, because }).major).toBe(16);
    expect(choosePrograms(found, { major: 17, because }).major).toBe(18);
  });

  test("skips those without a server where one is needed", ({ expect }) => {
    const found = [programs(17, false), programs(18)];
    expect(choosePrograms(found, { major: 17, because }).major).toBe(17);
    expect(choosePrograms(found, { major: 17, because, needsServer: true }).major).toBe(18);
  });

  test("says what was found and what to install when none fits", ({ expect }) => {
    expect(() => choosePrograms([programs(15)], { major: 17, because })).toThrow(
      "the server of db is PostgreSQL 17, and pg_dump here is 15.1 in /usr/lib/postgresql/15/bin. Install version 17 or newer",
    );
    expect(() => choosePrograms([], { major: 17, because })).toThrow(
      "there is no pg_dump and pg_restore on this machine",
    );
    expect(() => choosePrograms([programs(17, false)], { major: 17, because, needsServer: true })).toThrow(
      /without a server\. .*postgresql-17 from apt\.postgresql\.org/,
    );
  });
});

describe("the environment of libpq", () => {
  test("holds every part of a URL, decoded", ({ expect }) => {
    const url = `postgresql://us%40er:${"p%2Fss%20w"}@ep-a.eu.aws.neon.tech/my%20db?sslmode=require&channel_binding=require`;
    expect(connectionEnvironment(url)).toEqual({
      PGHOST: "ep-a.eu.aws.neon.tech",
      PGPORT: "5432",
      PGUSER: "us@er",
      PGPASSWORD: "p/ss w",
      PGDATABASE: "my db",
      PGSSLMODE: "require",
      PGCHANNELBINDING: "require",
      PGCONNECT_TIMEOUT: "15",
    });
  });

  test("takes an IPv6 address and a port, and leaves out what is not given", ({ expect }) => {
    expect(connectionEnvironment("postgres://[::1]:6543/db?connect_timeout=3")).toEqual({
      PGHOST: "::1",
      PGPORT: "6543",
      PGDATABASE: "db",
      PGCONNECT_TIMEOUT: "3",
    });
  });

  test("refuses a parameter that it would lose", ({ expect }) => {
    expect(() => connectionEnvironment("postgres://u@h/db?passfile=/x")).toThrow("has the parameter passfile");
  });
});

describe("the installation of PostgreSQL's programs", () => {
  const debian = { hasApt: true, isRoot: true, hasSudo: false, isPackaged: true };

  test("is one command where the system has the version", ({ expect }) => {
    const install = ["apt-get", "install", "--yes", "--no-install-recommends"];
    expect(planInstall(null, debian)).toEqual([[...install, "postgresql"]]);
    expect(planInstall(17, { ...debian, isRoot: false, hasSudo: true })).toEqual([
      ["sudo", "--non-interactive", ...install, "postgresql-17"],
    ]);
  });

  test("adds apt.postgresql.org where it has not", ({ expect }) => {
    const plan = planInstall(17, { ...debian, isPackaged: false }).map((command) => command.join(" "));
    expect(plan).toEqual([
      "apt-get install --yes --no-install-recommends ca-certificates postgresql-common",
      "/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y",
      "apt-get install --yes --no-install-recommends postgresql-17",
    ]);
  });

  test("says what to do where it is not possible", ({ expect }) => {
    expect(() => planInstall(17, { ...debian, isRoot: false })).toThrow(
      "installing needs root: sudo apt-get install postgresql-17",
    );
    expect(() => planInstall(null, { ...debian, hasApt: false })).toThrow("by hand");
  });
});
