import { z } from "zod";

import type { Compute } from "../../desired-state.ts";
import type { NeonClient } from "../client.ts";
import { NeonError } from "../errors.ts";
import { waitForOperations } from "../operations.ts";
import { paginationSchema, startedSchema } from "../schemas.ts";

export interface TransportOptions {
  readonly client: NeonClient;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** What all calls are made of. */
export interface Transport {
  readonly client: NeonClient;
  /** Sends a change, waits for the operations it has started, and gives the members of the answer that `shape` names. */
  change<Shape extends z.ZodRawShape>(
    method: string,
    path: string,
    shape: Shape,
    body?: object,
  ): Promise<z.output<z.ZodObject<Shape>>>;
  /** All pages of a list. */
  list<Item extends z.ZodType>(path: string, name: string, item: Item): Promise<z.output<Item>[]>;
}

const PAGE = 100;

export function createTransport({ client, sleep }: TransportOptions): Transport {
  return {
    client,
    async change(method, path, shape, body) {
      const payload = await client.send(method, path, z.unknown(), body);
      const answer = z.object(shape).safeParse(payload);
      const started = startedSchema.safeParse(payload);
      if (!answer.success || !started.success) {
        throw new NeonError(200, `Neon's answer to ${method} ${path} is not as documented.`);
      }
      const { operations } = started.data;
      if (operations.length > 0) {
        await waitForOperations(operations, { client, projectId: projectIdOf(path, payload), sleep });
      }
      return answer.data;
    },
    async list(path, name, item) {
      const schema = z.object({ [name]: z.array(item), pagination: paginationSchema });
      const items: z.output<typeof item>[] = [];
      let cursor: string | undefined;
      do {
        const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) });
        const answer = await client.send("GET", `${path}${path.includes("?") ? "&" : "?"}${query.toString()}`, schema);
        const page = z.array(item).parse(answer[name]);
        items.push(...page);
        // Named `cursor` for projects and `next` for branches. It may be there on the last page as well.
        const { cursor: next, next: other } = paginationSchema.parse(answer["pagination"]) ?? {};
        cursor = page.length === 0 ? undefined : (next ?? other);
      } while (cursor !== undefined);
      return items;
    },
  };
}

export const branchPath = (projectId: string, branchId: string): string =>
  `/projects/${projectId}/branches/${branchId}`;

export const toSettings = ({ minCu, maxCu, suspendSeconds }: Compute) => ({
  autoscaling_limit_min_cu: minCu,
  autoscaling_limit_max_cu: maxCu,
  suspend_timeout_seconds: suspendSeconds,
});

/** Operations belong to a project: the one of the path, or the one that was just made. */
function projectIdOf(path: string, payload: unknown): string {
  const id = path.split("/")[2];
  if (id !== undefined) return id;
  return z.object({ project: z.object({ id: z.string() }) }).parse(payload).project.id;
}
