import { randomUUID } from "node:crypto";

import { z } from "zod";

import type { ObjectHosts } from "../objects/object-hosts.ts";
import { type Dispatch, isLease, type Lease } from "../routing/dispatch.ts";

export interface RemoteCallsOptions {
  readonly dispatch: Pick<Dispatch, "toScript">;
  readonly objects: Pick<ObjectHosts, "find">;
  /** Whether the answer of the call that begins now is to be lost. */
  readonly losesAnswer: () => boolean;
}

/** Tells companions where to call methods of other Workers and of objects; the calls themselves do not come by here. */
export interface RemoteCalls {
  /** Null for a question of another kind. @throws Error in words for the caller */
  answer(question: string, body: unknown): Promise<object | null>;
}

const BEGIN = z.object({ service: z.string() });
const END = z.object({ call: z.string() });
const OBJECT = z.object({ namespaceId: z.string() });

export function createRemoteCalls({ dispatch, objects, losesAnswer }: RemoteCallsOptions): RemoteCalls {
  const underWay = new Map<string, Lease>();
  const questions: Readonly<Record<string, (body: unknown) => Promise<object>>> = {
    /** Picks the version by the percentages, and keeps it until the call is over. */
    "rpc-begin": async (body) => {
      const lease = await dispatch.toScript(BEGIN.parse(body).service, {});
      if (!isLease(lease)) throw new Error(lease.message);
      const call = randomUUID();
      underWay.set(call, lease);
      return { call, ...lease.process.rpcAddress(), isAnswerLost: losesAnswer() };
    },
    "rpc-end": (body) => {
      const { call } = END.parse(body);
      underWay.get(call)?.end();
      underWay.delete(call);
      return Promise.resolve({});
    },
    object: async (body) => await objects.find(OBJECT.parse(body).namespaceId),
  };
  return { answer: async (question, body) => (await questions[question]?.(body)) ?? null };
}
