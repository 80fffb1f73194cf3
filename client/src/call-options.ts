export interface CallOptions {
  /** Ends the call, also while it waits between attempts; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface ChangeOptions extends CallOptions {
  /** Does the change only while it is in this state; `precondition-failed` otherwise. */
  readonly ifMatch?: string | undefined;
}
