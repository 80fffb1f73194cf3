import type { ClassMigration } from "../../tools/release/companions/class-migrations.ts";
import type { Companion, Looks } from "../../tools/release/companions/companion.ts";
import { runCompanionRelease } from "../../tools/release/companions/controller.ts";
import type { CompanionPorts } from "../../tools/release/companions/ports.ts";
import { COMMIT, createBench, NEW, PLAN } from "./release-fakes.ts";

type Bench = ReturnType<typeof createBench>;

export interface CompanionWorld {
  readonly companion: Companion;
  readonly openLooks: (bench: Bench) => Looks;
  readonly migrations?: readonly ClassMigration[];
  /** Tag that the Worker has before; null when it has none. */
  readonly applied?: string | null;
  readonly isDryRun?: boolean;
  readonly confirm?: boolean;
  readonly signal?: AbortSignal;
  readonly ports?: Partial<CompanionPorts>;
  /** Done before the release begins. */
  readonly arrange?: (bench: Bench) => void;
}

/** Releases a companion whose live version is `OLD`, and whose new one is `NEW`. */
export async function releaseCompanion(world: CompanionWorld) {
  const { companion, migrations = [], applied = null, isDryRun = false, confirm = true } = world;
  const { signal = new AbortController().signal } = world;
  const bench = createBench();
  const { controlPlane, journal, log } = bench;
  let tag = applied;
  world.arrange?.(bench);
  const ports: CompanionPorts = {
    ...bench.ports,
    ...(companion.urlVariable === null ? { waitForVersion: null } : {}),
    classMigrations: () => Promise.resolve(migrations),
    appliedTag: () => Promise.resolve(tag),
    confirm: (text) => {
      log.push(text);
      return Promise.resolve(confirm);
    },
    async deployAtOnce(upload) {
      log.push(`deploy at once ${upload.tag}`);
      tag = migrations.at(-1)?.tag ?? tag;
      controlPlane.deployElsewhere([{ versionId: NEW, percentage: 100 }], upload.message);
      return await Promise.resolve(NEW);
    },
    deployTriggers: companion.hasTriggers ? () => Promise.resolve(void log.push("deploy triggers")) : null,
    looks: world.openLooks(bench),
    ...world.ports,
  };
  const url = companion.urlVariable === null ? "" : PLAN.url;
  const report = await runCompanionRelease({
    companion,
    plan: { ...PLAN, url, isDryRun, verifiedCommit: COMMIT },
    ports,
    journal,
    signal,
    note: (text) => void log.push(text),
    onTraffic: () => undefined,
  });
  const writes = controlPlane.calls.filter((call) => call !== "deployments");
  return { report, log: log.join("\n"), live: controlPlane.live(), calls: controlPlane.calls, writes };
}

/** Which version answers a request: the one that the override names, if it is live, else the one with everything. */
export function answeringVersion({ controlPlane }: Pick<Bench, "controlPlane">, headers: Headers): string {
  const live = controlPlane.live();
  const named = /="([^"]+)"/.exec(headers.get("Cloudflare-Workers-Version-Overrides") ?? "")?.[1];
  const chosen = live.find(({ versionId }) => versionId === named) ?? live.find(({ percentage }) => percentage === 100);
  return chosen?.versionId ?? "";
}
