import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { z } from "zod";

/** Where methods of a Worker can be called from another process of the runtime. */
export interface RpcAddress {
  /** `host:port` of workerd's debug port. */
  readonly debugPort: string;
  /** What the Worker is called inside its workerd. */
  readonly service: string;
}

const ENTRY = z.object({ debugPortAddress: z.string(), userWorkerService: z.string() });

/** The folder in which Miniflare says where the debug port of a process is: only for its registry does it open one. */
export interface Registry {
  /** For `unsafeDevRegistryPath`. */
  readonly folder: string;
  /** @throws Error while the Worker does not run */
  addressOf(scriptName: string): RpcAddress;
  remove(): void;
}

let made = 0;

/** A registry for one process. It is read for every call: the port is another one after a crash. */
export function createRegistry(parent: string): Registry {
  const folder = path.join(parent, String(++made));
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    addressOf(scriptName) {
      const text = readFileSync(path.join(folder, scriptName), "utf8");
      const { debugPortAddress, userWorkerService } = ENTRY.parse(JSON.parse(text));
      return { debugPort: debugPortAddress, service: userWorkerService };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
