/** What the worker thread is started with. */
export interface WorkerInput {
  readonly cluster: string;
  readonly draft: string;
  readonly isNew: boolean;
}

/** What the worker thread reports. */
export type WorkerMessage =
  | { readonly kind: "listening"; readonly address: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "stopped" };
