import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { type NeonEmulator, startNeonEmulator } from "../../tools/neon-emulator/emulator.ts";
import { createPostgresDatabases, type PostgresDatabases } from "../../tools/neon-emulator/postgres-databases.ts";
import { startBranchGateway } from "./branch-gateway.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";
import { type LongCommand, startCommand } from "./long-command.ts";

/** Neon with PostgreSQL behind it, Cloudflare with workerd behind it, GitHub's program, and the commands that use them. */
export interface OpsStack {
  readonly neon: NeonEmulator;
  readonly databases: PostgresDatabases;
  readonly cloudflare: Emulator;
  /** What GitHub keeps for an environment: secrets and variables by their names. */
  github(env: string): Readonly<Record<string, string>>;
  /** Every command line of `gh`. */
  ghCalls(): string;
  start(script: string, args: readonly string[], more?: Readonly<Record<string, string>>): LongCommand;
  run(
    script: string,
    args: readonly string[],
    more?: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number | null; readonly output: string }>;
  stop(): Promise<void>;
}

export async function startOpsStack(): Promise<OpsStack> {
  const folder = mkdtempSync(path.join(tmpdir(), "ops-stack-"));
  const [gh, bin] = [path.join(folder, "github"), path.join(folder, "bin")];
  for (const each of [gh, bin]) mkdirSync(each);
  installGh(bin);
  const databases = createPostgresDatabases();
  const neon = await startNeonEmulator({ databases });
  const cloudflare = await startEmulator({ stateDir: path.join(folder, "cloudflare") });
  const gateway = await startBranchGateway();
  const env = {
    ...COMPILE_CACHE,
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    HOME: folder,
    FAKE_GH: gh,
    NEON_API_URL: neon.apiUrl,
    NEON_API_KEY: neon.apiKey,
    CLOUDFLARE_API_BASE_URL: cloudflare.apiUrl,
    CLOUDFLARE_API_TOKEN: cloudflare.apiToken,
    CLOUDFLARE_ACCOUNT_ID: cloudflare.accountId,
    PREVIEW_PROXY_URL: cloudflare.proxyUrl,
    DATABASE_FETCH_ENDPOINT: gateway.url,
  };
  const start: OpsStack["start"] = (script, args, more = {}) => startCommand(script, args, { ...env, ...more });
  return {
    neon,
    databases,
    cloudflare,
    github: (name) => readKept(path.join(gh, name)),
    ghCalls: () => (existsSync(path.join(gh, "calls")) ? readFileSync(path.join(gh, "calls"), "utf8") : ""),
    start,
    async run(script, args, more) {
      const command = start(script, args, more);
      const code = await command.exited;
      return { code, output: command.output() };
    },
    async stop() {
      await gateway.close();
      await cloudflare.close();
      await neon.close();
      await databases.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function installGh(folder: string): void {
  const target = path.join(folder, "gh");
  copyFileSync(path.join(import.meta.dirname, "fake-gh.cjs"), target);
  chmodSync(target, 0o755);
}

function readKept(folder: string): Readonly<Record<string, string>> {
  const entries = ["secret", "variable"].flatMap((kind) => {
    const place = path.join(folder, kind);
    const names = existsSync(place) ? readdirSync(place) : [];
    return names.map((name) => [name, readFileSync(path.join(place, name), "utf8")] as const);
  });
  return Object.fromEntries(entries);
}
