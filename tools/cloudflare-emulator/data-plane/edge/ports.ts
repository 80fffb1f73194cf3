import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import { z } from "zod";

/** Below those that systems hand out for outgoing connections, or a script's port would soon be somebody else's. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 10_000;

const PORTS = z.record(z.string(), z.number());

/** Remembers the ports of the scripts from one run to the next. */
export interface PortMemory {
  /** For a script that had none, one that follows from its name. */
  read(scriptName: string): number;
  write(scriptName: string, port: number): void;
}

export function createPortMemory(stateDir: string): PortMemory {
  const file = path.join(stateDir, "ports.json");
  const ports = readPorts(file);
  return {
    read: (scriptName) => ports.get(scriptName) ?? suggestPort(scriptName),
    write(scriptName, port) {
      if (ports.get(scriptName) === port) return;
      ports.set(scriptName, port);
      mkdirSync(stateDir, { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(ports)));
      renameSync(`${file}.new`, file);
    },
  };
}

/** A memory that is missing or damaged costs nothing but other ports. */
function readPorts(file: string): Map<string, number> {
  try {
    return new Map(Object.entries(PORTS.parse(JSON.parse(readFileSync(file, "utf8")))));
  } catch {
    return new Map();
  }
}

function suggestPort(scriptName: string): number {
  return FIRST_PORT + (createHash("sha256").update(scriptName).digest().readUInt32BE() % PORT_COUNT);
}
