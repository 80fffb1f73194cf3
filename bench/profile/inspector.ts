/** The runtime's inspector: Chrome's DevTools protocol. */
export interface Inspector {
  send<Result = unknown>(method: string, params?: Readonly<Record<string, unknown>>): Promise<Result>;
  close(): void;
}

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Connects to the only isolate behind an inspector's port. */
export async function connectInspector(port: number): Promise<Inspector> {
  const response = await fetch(`http://127.0.0.1:${port}/json`);
  const [isolate]: readonly { readonly webSocketDebuggerUrl: string }[] = JSON.parse(await response.text());
  if (isolate === undefined) throw new Error("the inspector knows no isolate");
  const socket = new WebSocket(isolate.webSocketDebuggerUrl);
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const fail = (): void => {
    for (const { reject } of waiting.values()) reject(new Error("the inspector closed the connection"));
    waiting.clear();
  };
  socket.addEventListener("close", fail);
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error }: Reply = JSON.parse(String(data));
    const call = waiting.get(id ?? -1);
    waiting.delete(id ?? -1);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error.message));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", () => reject(new Error("the inspector cannot be reached")), { once: true });
  });
  let calls = 0;
  return {
    send<Result>(method: string, params: Readonly<Record<string, unknown>> = {}) {
      calls += 1;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(calls, { resolve, reject });
      socket.send(JSON.stringify({ id: calls, method, params }));
      return promise as Promise<Result>;
    },
    close: () => socket.close(),
  };
}
