import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";

import { newScript } from "../../../../../tools/cloudflare-emulator/control-plane/state/records.ts";
import { openStore } from "../../../../../tools/cloudflare-emulator/control-plane/state/store.ts";
import { EmulatorError } from "../../../../../tools/cloudflare-emulator/emulator-error.ts";
import { openStateFolder } from "../../../../../tools/cloudflare-emulator/state-folder.ts";
import { createApi, deploy, uploadVersions } from "./api.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "store-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const script = (name: string) => newScript({ name, tag: "t", createdOn: "2026-11-20T00:00:00.000Z" });
const scriptFile = (name: string) => path.join(folder, "scripts", name, "script.json");

describe("the state of the emulator", () => {
  test("is the same after a restart, everything included", async ({ expect }) => {
    const api = createApi(folder);
    const [first = "", second = ""] = await uploadVersions(api, [
      { bindings: [{ name: "TOKEN", type: "secret_text", text: "one" }] },
      {},
    ]);
    await deploy(api, { [second]: 25, [first]: 75 });
    await api.call("PUT", "scripts/worker/schedules", { json: [{ cron: "17 * * * *" }] });
    await api.call("PATCH", "scripts/worker/script-settings", { json: { tags: ["cf:service=worker"] } });
    expect(api.reopen().script("worker")).toEqual(api.script("worker"));
  });

  test("can be moved to another folder", async ({ expect, onTestFinished }) => {
    const api = createApi(folder);
    await uploadVersions(api, [{}]);
    const moved = `${folder}-moved`;
    renameSync(folder, moved);
    onTestFinished(() => rmSync(moved, { recursive: true }));
    const file = openStore(moved).find("worker")?.versions[0]?.modules[0]?.file ?? "";
    expect(file.startsWith(moved)).toBe(true);
    expect(existsSync(file)).toBe(true);
  });

  test("is not changed by what a crash left half done", async ({ expect }) => {
    const api = createApi(folder);
    await uploadVersions(api, [{}]);
    const before = api.script("worker");
    const unknown = path.join(folder, "scripts/worker/versions/4f4f4f4f-0000-4000-8000-000000000000");
    mkdirSync(unknown);
    writeFileSync(`${scriptFile("worker")}.draft`, '{"name": "wor');
    mkdirSync(path.join(folder, "scripts/unborn/versions/x"), { recursive: true });
    const store = openStore(folder);
    expect(store.list()).toEqual([before]);
    for (const rest of [unknown, `${scriptFile("worker")}.draft`, path.join(folder, "scripts/unborn")]) {
      expect(existsSync(rest)).toBe(false);
    }
  });

  test("is replaced as a whole, never rewritten: a crash leaves the old state or the new one", async ({ expect }) => {
    const store = openStore(folder);
    await store.save(script("worker"));
    const before = statSync(scriptFile("worker")).ino;
    await store.save({ ...script("worker"), crons: ["17 * * * *"] });
    expect(statSync(scriptFile("worker")).ino).not.toBe(before);
    expect(existsSync(`${scriptFile("worker")}.draft`)).toBe(false);
  });

  test("is for its owner only, because it holds secrets", async ({ expect }) => {
    await openStore(folder).save(script("worker"));
    expect(statSync(scriptFile("worker")).mode & 0o777).toBe(0o600);
  });

  test("forgets a deleted script, and gives a new one of its name another tag", async ({ expect }) => {
    const api = createApi(folder);
    await uploadVersions(api, [{}]);
    const { tag } = api.script("worker");
    expect((await api.call("DELETE", "services/worker?force=false")).status).toBe(200);
    expect((await api.call("GET", "services/worker")).errors).toEqual([10_007]);
    expect(api.dataPlane.published.size).toBe(0);
    expect(api.reopen().context.store.list()).toEqual([]);
    await uploadVersions(api, [{}]);
    expect(api.script("worker").tag).not.toBe(tag);
    expect(api.script("worker").versions[0]?.number).toBe(1);
  });

  test("that cannot be read says which file it is and what helps", async ({ expect }) => {
    await openStore(folder).save(script("worker"));
    writeFileSync(scriptFile("worker"), "{}");
    expect(() => openStore(folder)).toThrow(/scripts\/worker\/script\.json cannot be read.*--fresh/);
  });
});

describe("the lock of the state folder", () => {
  test("keeps a second emulator out until the first one is done", ({ expect }) => {
    const unlock = openStateFolder(folder);
    expect(() => openStateFolder(folder)).toThrow(EmulatorError);
    expect(() => openStateFolder(folder)).toThrow(new RegExp(`in use by process ${process.pid} .*--state-dir`));
    unlock();
    openStateFolder(folder)();
  });
});
