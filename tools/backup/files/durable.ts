import { open, rename } from "node:fs/promises";
import path from "node:path";

/** What is written is on the disk when this resolves, and not only in memory. */
export async function flush(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives flushed files their places, in order; all are there for good when it resolves. */
export async function moveInto(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) await rename(file, path.join(folder, path.basename(file)));
  const handle = await open(folder, "r");
  try {
    // The names as well: a rename is a change of the folder.
    await handle.sync();
  } finally {
    await handle.close();
  }
}
