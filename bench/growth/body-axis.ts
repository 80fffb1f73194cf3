import { ROW_COUNT } from "../scenarios/rows.ts";
import { type Scenario, scenario } from "../scenarios/scenario.ts";
import { fill, fillingsOf, type RequestTemplate } from "../scenarios/template.ts";
import { CREATE } from "../scenarios/writes.ts";
import type { BenchStack } from "../stack/stack.ts";
import { startApi } from "../variants/api.ts";
import { type Axis, USUAL_CONNECTIONS } from "./axis.ts";

/** Bytes of the body, up to the most that is read. */
export const bodyAxis = (stack: BenchStack): Axis => ({
  name: "body",
  xLabel: "bytes of the body",
  sizes: [256, 1_024, 4_096, 16_384, 65_536],
  async prepare(bytes) {
    const loads = [accepted(bytes), refused(bytes)].map((one) => ({
      curve: one.name,
      scenario: one,
      connections: USUAL_CONNECTIONS,
      rows: ROW_COUNT,
    }));
    return { ...(await startApi(stack)), loads };
  },
});

const body = CREATE.body ?? "";
const lengthOf = (text: string): number => fill(text, fillingsOf({ index: 0, nonce: "length" })).length;

/** White space between the fields: all of it is read, and the user is created. */
function accepted(bytes: number): Scenario {
  const padded = body.replace("{", `{${" ".repeat(bytes - lengthOf(body))}`);
  return bodyScenario("created", { ...CREATE, body: padded });
}

/** A name that is far too long: it is read and refused. */
function refused(bytes: number): Scenario {
  const long = body.replace(/"full_name":"[^"]*/, (field) => `${field}${"x".repeat(bytes - lengthOf(body))}`);
  return bodyScenario("refused, name too long", { ...CREATE, body: long, status: 400 });
}

function bodyScenario(name: string, template: RequestTemplate): Scenario {
  return scenario({ name, title: name, requests: [template], isWriting: template.status < 400 });
}
