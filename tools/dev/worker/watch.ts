import { type FSWatcher, readdirSync, watch } from "node:fs";
import path from "node:path";

/** An editor writes a file in several steps, and a tool many files in a row. */
const SETTLE_MS = 100;

/**
 * Calls `onChange` after the Worker's sources changed, never twice at the same time. It watches folders, one by one:
 * a file that is replaced ends the watch of it, and on Linux Node's recursive watch consists of such.
 */
export function watchSources(root: string, onChange: () => Promise<void>): void {
  const schedule = createScheduler(onChange);
  watchTree(path.join(root, "src"), schedule);
  for (const source of ["wrangler.toml", path.join("docs", "openapi.json")]) {
    watch(path.join(root, path.dirname(source)), (_, file) => {
      if (file === path.basename(source)) schedule();
    });
  }
}

function watchTree(top: string, onChange: () => void): void {
  const watchers = new Map<string, FSWatcher>();
  const onEvent = (event: string, file: string | null): void => {
    if (event === "rename") update();
    if (file !== null && !isDraft(file)) onChange();
  };
  const update = (): void => {
    const folders = new Set([top, ...listFolders(top)]);
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of folders) {
      const watcher = watchers.get(folder) ?? watchFolder(folder, onEvent);
      if (watcher !== null) watchers.set(folder, watcher);
    }
  };
  update();
}

/** Null for a folder that is gone meanwhile; its parent tells when it is back. */
function watchFolder(folder: string, onEvent: (event: string, file: string | null) => void): FSWatcher | null {
  try {
    return watch(folder, onEvent).on("error", () => undefined);
  } catch {
    return null;
  }
}

function listFolders(top: string): string[] {
  try {
    return readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(entry.parentPath, entry.name));
  } catch {
    return []; // One of them went away while it was read: an event about that follows.
  }
}

/** Files that editors keep beside the one that they edit. */
function isDraft(file: string): boolean {
  return /^[.#]|~$/.test(file);
}

function createScheduler(run: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isDue = false;
  const start = async (): Promise<void> => {
    isRunning = true;
    await run();
    isRunning = false;
    if (isDue) schedule();
    isDue = false;
  };
  const schedule = (): void => {
    clearTimeout(timer);
    if (isRunning) isDue = true;
    else timer = setTimeout(() => void start(), SETTLE_MS);
  };
  return schedule;
}
