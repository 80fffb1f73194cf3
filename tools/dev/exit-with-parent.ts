// Loaded into wrangler's process. When `npm start` is killed without a chance to clean up, its channel closes,
// and wrangler ends with its whole process group, workerd included.

/** The channel closes an instant before the kernel hands us to another parent. */
const REPARENT_MS = 100;

const parent = process.ppid;

process.on("disconnect", () => {
  setTimeout(() => {
    // wrangler may also close the channel itself, while the parent is alive and well.
    if (process.ppid === parent && process.platform !== "win32") return;
    if (process.platform === "win32") process.exit(1);
    process.kill(-process.pid, "SIGKILL");
  }, REPARENT_MS);
});
process.channel?.unref();
