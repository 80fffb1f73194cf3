import type { Server } from "node:http";

import { closeWide, listenPreferably } from "./accept-queues.ts";
import { createPortMemory } from "./ports.ts";

/** A port for each script, for clients that cannot choose their Host header. */
export interface ScriptServers {
  /** Opens the port of a script unless it is open: the one of the last run, if it is still free. */
  open(scriptName: string): Promise<void>;
  originOf(scriptName: string): string | null;
  close(scriptName: string): Promise<void>;
  closeAll(): Promise<void>;
}

export function createScriptServers(stateDir: string, createServer: (scriptName: string) => Server): ScriptServers {
  const memory = createPortMemory(stateDir);
  const servers = new Map<string, Server>();
  const origins = new Map<string, string>();
  const close = async (scriptName: string): Promise<void> => {
    const server = servers.get(scriptName);
    servers.delete(scriptName);
    origins.delete(scriptName);
    if (server !== undefined) await closeWide(server);
  };
  return {
    async open(scriptName) {
      if (servers.has(scriptName)) return;
      const server = createServer(scriptName);
      servers.set(scriptName, server);
      const port = await listenPreferably(server, memory.read(scriptName));
      memory.write(scriptName, port);
      origins.set(scriptName, `http://127.0.0.1:${port}`);
    },
    originOf: (scriptName) => origins.get(scriptName) ?? null,
    close,
    async closeAll() {
      await Promise.all([...servers.keys()].map(close));
    },
  };
}
