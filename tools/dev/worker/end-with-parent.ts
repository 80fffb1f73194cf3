/** When `npm start` is killed without a chance to clean up, our channel closes: end with all that we started. */
export function endWithParent(): void {
  process.on("disconnect", () => {
    if (process.platform === "win32") process.exit(1);
    process.kill(-process.pid, "SIGKILL");
  });
  // The channel alone is no reason to stay.
  process.channel?.unref();
}
