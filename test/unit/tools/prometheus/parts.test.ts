import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";

import { UsageError } from "../../../../tools/command/usage-error.ts";
import { findQueries } from "../../../../tools/prometheus/checks/documents.ts";
import { parsePrometheusOptions } from "../../../../tools/prometheus/options.ts";
import { explainMissing, findPrograms } from "../../../../tools/prometheus/programs/find-programs.ts";
import { compareCounts, keyOf, Ledger } from "../../../../tools/prometheus/traffic/ledger.ts";
import { createMix } from "../../../../tools/prometheus/traffic/mix.ts";
import { waitUntil } from "../../../../tools/prometheus/wait-until.ts";

const COUNTED = { method: "GET", route: "/a", status: "200", version_id: "1", version_tag: "" };

describe("npm run test:prometheus", () => {
  test("takes a number of requests", ({ expect }) => {
    expect(parsePrometheusOptions([])).toEqual({ requests: 20_000 });
    expect(parsePrometheusOptions(["--help"])).toBeNull();
    expect(() => parsePrometheusOptions(["--requests", "1"])).toThrow(UsageError);
  });

  test("sends a hundred of known kinds, each counted apart", ({ expect }) => {
    const mix = createMix({ caller: "a", limited: "b" }, { id: "c", etag: "d" });
    expect(mix.reduce((sum, { share }) => sum + share, 0)).toBe(100);
    const kinds = new Set(mix.map(({ method, route, status }) => `${method} ${route} ${status}`));
    expect(kinds.size).toBe(mix.length);
  });

  test("finds a difference of counts in either direction", ({ expect }) => {
    const ledger = new Ledger();
    ledger.note(COUNTED, 5);
    ledger.note(COUNTED, 7);
    const key = keyOf(COUNTED);
    expect(ledger.total).toBe(2);
    expect(compareCounts(ledger.counts, new Map([[key, 2]]))).toBeNull();
    const less = { lines: [`${key}: the client counted 2, Prometheus has 0`], isExcess: false };
    expect(compareCounts(ledger.counts, new Map())).toEqual(less);
    expect(compareCounts(ledger.counts, new Map([[key, 3]]))).toMatchObject({ isExcess: true });
    expect(compareCounts(new Map(), ledger.counts)).toMatchObject({ isExcess: true });
  });

  test("finds the queries that documents tell to type", ({ expect }) => {
    const text = `promtool query instant "$PROMETHEUS" 'up == 0'\n\n\`\`\`promql\nsum(a)\nsum(b)\n\`\`\`\n`;
    expect(findQueries([text])).toEqual(["up == 0", "sum(a)", "sum(b)"]);
  });

  test("says what it waited for in vain, and what there was instead", async ({ expect }) => {
    const { signal } = new AbortController();
    const waiting = waitUntil(async () => "nothing yet", { what: "a thing", signal, boundMs: 0 });
    await expect(waiting).rejects.toThrow("a thing: not within 0 s\nnothing yet");
    await expect(waitUntil(async () => "", { what: "", signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  });
});

describe("The programs of Prometheus", () => {
  const withPrograms = (names: readonly string[], look: (folder: string) => void): void => {
    const folder = mkdtempSync(path.join(tmpdir(), "programs-"));
    try {
      for (const name of names) {
        writeFileSync(path.join(folder, name), "");
        chmodSync(path.join(folder, name), 0o755);
      }
      look(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  test.for(["alertmanager", "prometheus-alertmanager"])("are found, also %s", (alertmanager, { expect }) => {
    withPrograms(["prometheus", "promtool", "amtool", alertmanager], (folder) => {
      expect(findPrograms(`/nonexistent${path.delimiter}${folder}`)).toEqual({
        prometheus: path.join(folder, "prometheus"),
        promtool: path.join(folder, "promtool"),
        alertmanager: path.join(folder, alertmanager),
        amtool: path.join(folder, "amtool"),
      });
    });
  });

  test("are missed by name, with the line that installs them; a folder of that name is none", ({ expect }) => {
    withPrograms(["prometheus", "promtool"], (folder) => {
      mkdirSync(path.join(folder, "amtool"));
      expect(findPrograms(folder)).toEqual(["alertmanager", "amtool"]);
    });
    const text = explainMissing(["amtool"]);
    expect(text).toContain("amtool is not on this machine");
    expect(text).toContain("sudo apt-get install --no-install-recommends prometheus prometheus-alertmanager");
  });
});
