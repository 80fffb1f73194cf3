import { rm } from "node:fs/promises";
import path from "node:path";

import type { Script, Version } from "../../model.ts";
import type { ObjectHosting } from "../runtime/objects.ts";
import type { RpcAddress } from "../runtime/registry.ts";
import { createObjectHost, type ObjectHost, type StartObjects } from "./object-host.ts";
import { ownerOf } from "./owner.ts";

export interface ObjectHostsOptions {
  /** Keeps the databases of objects. */
  readonly folder: string;
  readonly start: (script: Script, version: Version, hosting: ObjectHosting) => StartObjects;
  readonly log: (scriptName: string, line: string) => void;
}

/** Where an object can be called. */
export interface ObjectAddress extends RpcAddress {
  readonly className: string;
}

/** The processes in which Durable Objects live, one for each script that has classes of them. */
export interface ObjectHosts {
  /** Moves the objects of a script to the version that its deployment says. What they were busy with is cut off, as on Cloudflare. */
  follow(script: Script): void;
  /** Waits while the objects move. @throws Error when no script has the namespace */
  find(namespaceId: string): Promise<ObjectAddress>;
  /** Ends the process of a script's objects at once; it starts again, and they find what they have stored. */
  evict(scriptName: string): Promise<void>;
  /** With all that they keep. */
  remove(scriptName: string): Promise<void>;
  close(): Promise<void>;
}

export function createObjectHosts({ folder, start, log }: ObjectHostsOptions): ObjectHosts {
  const hosts = new Map<string, { readonly host: ObjectHost; script: Script }>();
  const hostOf = (scriptName: string): ObjectHost => {
    const known = hosts.get(scriptName);
    if (known === undefined) throw new Error(`${scriptName} has no Durable Objects`);
    return known.host;
  };
  return {
    follow(script) {
      const owner = ownerOf(script);
      const version = script.versions.find(({ id }) => id === owner);
      if (version === undefined) return;
      const known = hosts.get(script.name);
      const host = known?.host ?? createObjectHost((line) => log(script.name, line));
      hosts.set(script.name, { host, script });
      const hosting = { kind: "here", folder: path.join(folder, script.name), classes: script.objectClasses } as const;
      host.run(JSON.stringify([version.id, script.objectClasses]), start(script, version, hosting));
    },
    async find(namespaceId) {
      for (const { host, script } of hosts.values()) {
        const found = script.objectClasses.find((one) => one.namespaceId === namespaceId);
        if (found !== undefined) return { ...(await host.address()), className: found.name };
      }
      throw new Error(`No Worker has the Durable Object namespace ${namespaceId}`);
    },
    evict: async (scriptName) => await hostOf(scriptName).restart(),
    async remove(scriptName) {
      const known = hosts.get(scriptName);
      hosts.delete(scriptName);
      await known?.host.close();
      await rm(path.join(folder, scriptName), { recursive: true, force: true });
    },
    async close() {
      await Promise.all([...hosts.values()].map(({ host }) => host.close()));
    },
  };
}
