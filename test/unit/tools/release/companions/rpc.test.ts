import { describe, test } from "vitest";

import { describeCompanionEnding } from "../../../../../tools/release/companions/ending.ts";
import { createRpcLooks } from "../../../../../tools/release/companions/rpc/looks.ts";
import { RPC } from "../../../../../tools/release/companions/rpc/rpc.ts";
import { answeringVersion, releaseCompanion } from "../../../../support/companion-fakes.ts";
import { NEW, OLD, PLAN } from "../../../../support/release-fakes.ts";

const trailers = (status: number): Uint8Array<ArrayBuffer> => {
  const text = new TextEncoder().encode(`grpc-status: ${status}\r\ngrpc-message: no\r\n`);
  return new Uint8Array([0x80, 0, 0, 0, text.length, ...text]);
};

interface Behaviour {
  /** Code of the new version's calls by Connect; `unauthenticated` when it is sound. */
  readonly connect?: string;
  /** Status of those by gRPC-Web. */
  readonly grpc?: number;
  /** Times that the API is overloaded first. */
  readonly busy?: number;
  /** The fault appears when the version has everything. */
  readonly isLate?: boolean;
  /** Who answers the calls, whatever was asked for. */
  readonly answeredBy?: string;
  readonly health?: number;
  readonly isDryRun?: boolean;
}

function release(behaviour: Behaviour = {}) {
  const { connect = "unauthenticated", grpc = 16, isLate = false, answeredBy, health = 200 } = behaviour;
  let { busy = 0 } = behaviour;
  const asked: string[] = [];
  const run = releaseCompanion({
    companion: RPC,
    isDryRun: behaviour.isDryRun ?? false,
    openLooks(bench) {
      const answerCall = (sent: Headers, isBad: boolean, headers: Record<string, string>): Response => {
        if (isBad && busy-- > 0) return Response.json({ code: "unavailable" }, { status: 503, headers });
        if (sent.get("Content-Type") !== "application/json")
          return new Response(trailers(isBad ? grpc : 16), { headers });
        return Response.json({ code: isBad ? connect : "unauthenticated" }, { status: 401, headers });
      };
      const send: typeof fetch = async (input, init) => {
        const { pathname } = new URL(input instanceof Request ? input.url : input);
        const sent = new Headers(init?.headers);
        const versionId = answeringVersion(bench, sent);
        const isNew = versionId === NEW;
        asked.push(`${isNew ? "new" : "old"} ${pathname} ${sent.get("Content-Type") ?? ""}`.trim());
        const headers = { "X-Version-Id": (isNew ? answeredBy : undefined) ?? versionId };
        if (pathname === "/health") return new Response("{}", { status: health, headers });
        const isBad = isNew && (!isLate || bench.controlPlane.live().length === 1);
        return await Promise.resolve(answerCall(sent, isBad, headers));
      };
      const target = { apiBaseUrl: "", apiToken: "", accountId: "" };
      return createRpcLooks({ url: PLAN.url, scriptName: PLAN.worker, target, clock: bench.clock, fetch: send });
    },
  });
  return run.then((result) => ({ ...result, asked }));
}

describe("A release of the RPC Worker", () => {
  test("is called by both protocols at 0 % and at 100 %, as nobody", async ({ expect }) => {
    const { report, live, writes, asked, log } = await release();
    expect([report.outcome, report.exitCode, report.reasons]).toEqual(["released", 0, []]);
    expect(report.stages.map(({ name }) => name)).toEqual(["preflight", "upload", "0 %", "100 %"]);
    expect(writes.slice(1)).toEqual([`deploy ${NEW}@0 ${OLD}@100`, `deploy ${NEW}@100`]);
    expect(live).toEqual([{ versionId: NEW, percentage: 100 }]);
    const looked = [
      "new /health",
      "new /users.v1.UsersService/ListUsers application/json",
      "new /users.v1.UsersService/ListUsers application/grpc-web+proto",
    ];
    expect(asked).toEqual(["old /health", ...looked, ...looked]);
    expect(log).toContain("the API first, then RPC");
    expect(describeCompanionEnding(RPC, report)).toContain("and its calls reach the API.");
  });

  test.for([
    [{ connect: "internal" }, "A call by Connect gives internal instead of unauthenticated."],
    [{ connect: "ok" }, "A call by Connect gives ok instead of unauthenticated."],
    [{ grpc: 13 }, "A call by gRPC-Web gives grpc-status 13 instead of unauthenticated."],
    [{ answeredBy: OLD }, `GET /health is answered by ${OLD}, not by ${NEW}: ok.`],
  ] as const)(
    "that fails by %o is taken out again before anybody meets it",
    async ([behaviour, reason], { expect }) => {
      const { report, live, writes } = await release(behaviour);
      expect([report.outcome, report.exitCode, report.failedStage]).toEqual(["rolled-back", 3, "0 %"]);
      expect(report.reasons).toEqual([reason]);
      expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
      expect(writes).not.toContain(`deploy ${NEW}@100`);
    },
  );

  test("that fails once it has everything is taken back by its id", async ({ expect }) => {
    const { report, live, writes } = await release({ isLate: true, connect: "internal" });
    expect([report.outcome, report.exitCode, report.failedStage]).toEqual(["rolled-back", 3, "100 %"]);
    expect(report.rollback).toMatchObject({ verified: true, by: "us" });
    expect(writes.at(-1)).toBe(`rollBack ${OLD}`);
    expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
  });

  test("waits for an API that is busy, but not for ever", async ({ expect }) => {
    expect((await release({ busy: 5 })).report.outcome).toBe("released");
    const { report } = await release({ busy: 10_000 });
    expect([report.outcome, report.failedStage]).toEqual(["rolled-back", "0 %"]);
    expect(report.reasons).toEqual(["A call by Connect gives unavailable instead of unauthenticated."]);
  });

  test("changes nothing when its address leads elsewhere, nor in a dry run", async ({ expect }) => {
    const wrong = await release({ health: 404 });
    expect(wrong.report).toMatchObject({ outcome: "stopped", exitCode: 1 });
    expect(wrong.report.reasons[0]).toContain("/health gives HTTP 404 ({}). Check RPC_URL.");
    const dry = await release({ isDryRun: true });
    expect(dry.report.outcome).toBe("checked");
    expect(dry.report.stages[0]?.detail.join("\n")).toContain("the API first");
    expect([...wrong.writes, ...dry.writes]).toEqual([]);
  });
});
