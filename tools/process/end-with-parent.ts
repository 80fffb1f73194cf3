/** Calls back when the process that started us with a channel is gone, however it ended: the channel closes then. */
export function whenParentIsGone(act: () => void): void {
  process.on("disconnect", act);
}

/** For a process of ours that leads a group: it ends together with all that it started. */
export function endGroupWithParent(): void {
  whenParentIsGone(() => {
    if (process.platform === "win32") process.exit(1);
    process.kill(-process.pid, "SIGKILL");
  });
  // The channel alone is no reason to stay.
  process.channel?.unref();
}
