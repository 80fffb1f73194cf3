import { open, rename } from "node:fs/promises";
import path from "node:path";

/** Ends the name of a file that is still being written; one that is left over from a crash can go. */
export const DRAFT_SUFFIX = ".draft";

/** For files with secrets. */
const OWNER_ONLY = 0o600;

/** Replaces a file at once and for good: readers, and a restart after a crash, see the old content or the new one. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  const draft = `${file}${DRAFT_SUFFIX}`;
  const handle = await open(draft, "w", OWNER_ONLY);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  await syncFolder(path.dirname(file));
}

/** Makes the renaming durable; not every platform can open a folder. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Then the file system does it when it likes.
  }
}
