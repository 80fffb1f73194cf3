import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, test } from "vitest";

import { projectFiles } from "../../../tools/supply-chain/project-files.ts";
import { findSecrets } from "../../../tools/supply-chain/secret-rules.ts";
import { scanFiles } from "../../../tools/supply-chain/secrets.ts";

/** Joined at run time, so that this file holds no secret that a scan would find. */
const joined = (...parts: readonly string[]): string => parts.join("");
const AWS_KEY_ID = joined("AKIA", "Z7QW3ERT5YUI9OPA");

describe("the scan for secrets", () => {
  test.for([
    ["an AWS key id", AWS_KEY_ID, "AWS"],
    ["an AWS secret key", joined("AWS_SECRET_ACCESS_KEY=", "k7Fz0pQ2".repeat(5)), "AWS"],
    ["a GitHub token", joined("ghp", "_", "a1B2c3".repeat(6)), "GitHub"],
    ["a Cloudflare API token", joined("cfut", "_", "aB3d".repeat(10), "0123abcd"), "Cloudflare"],
    [
      "a private key",
      joined(
        "-----BEGIN RSA ",
        "PRIVATE KEY-----\n",
        "MIIEpQIBAAKCAQEA".repeat(20),
        "\n-----END RSA ",
        "PRIVATE KEY-----",
      ),
      "private key",
    ],
    [
      "a database URL",
      joined("postgresql://app:", "kT7vQz2mWx@ep-rapid-sun-1.eu-central-1.aws.neon.tech/users"),
      "PostgreSQL",
    ],
    ["a password of Neon", joined("password is npg", "_", "kT7vQz2mWx4R"), "Neon"],
    ["an API key of this service", joined("X-API-Key: uk", "_", "Ab3-_".repeat(8), "xyz"), "API key of this service"],
  ] as const)("finds %s without showing it", async ([, secret, kind], { expect }) => {
    const findings = await findSecrets("notes.md", `first line\n${secret}\n`);
    expect(findings).toContainEqual({ line: 2, message: expect.stringContaining(kind) });
    expect(JSON.stringify(findings)).not.toContain(secret.slice(-16));
  });

  test.for([
    ["a host that is reserved", joined("postgresql://app:", "kT7vQz2mWx@db.example/users")],
    ["this machine", joined("postgresql://app:", "kT7vQz2mWx@127.0.0.1:5432/users")],
    ["the SHA-256 of a key", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ] as const)("leaves %s alone", async ([, text], { expect }) => {
    expect(await findSecrets("notes.md", text)).toEqual([]);
  });

  test("a reserved name inside a real host does not hide a secret", async ({ expect }) => {
    const text = joined("postgresql://app:", "kT7vQz2mWx@db.example-corp.com/users");
    expect(await findSecrets("notes.md", text)).toHaveLength(1);
  });

  test("names the file and the line, and skips what is no text", async ({ expect, onTestFinished }) => {
    const root = mkdtempSync(join(tmpdir(), "secrets-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    writeFileSync(join(root, "notes.md"), `\n\n${AWS_KEY_ID}\n`);
    writeFileSync(join(root, "picture.png"), `\0${AWS_KEY_ID}`);
    expect(await scanFiles(root, ["notes.md", "picture.png"])).toEqual([expect.stringMatching(/^notes\.md:3: .*AWS/)]);
  });
});

describe("files of the project", () => {
  test("are those that git has or would take; without git, all but what is generated", ({ expect, onTestFinished }) => {
    const root = mkdtempSync(join(tmpdir(), "project-files-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, "src/node_modules"), { recursive: true });
    for (const path of [".dev.vars", ".gitignore", "gone.ts", "src/new file.ts", "src/node_modules/x.js"]) {
      writeFileSync(join(root, path), ".dev.vars\nnode_modules\n");
    }
    expect(projectFiles(root)).toEqual([".dev.vars", ".gitignore", "gone.ts", "src/new file.ts"]);
    for (const args of [
      ["init", "--quiet"],
      ["add", "gone.ts"],
    ])
      spawnSync("git", args, { cwd: root });
    rmSync(join(root, "gone.ts"));
    expect(projectFiles(root)).toEqual([".gitignore", "src/new file.ts"]);
  });
});
