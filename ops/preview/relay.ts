import { createServer, request as send } from "node:http";

import { closeServer, listen } from "../../tools/net/listen.ts";

/** An address of this machine that stands for a host which only an emulator's proxy knows. */
export interface Relay {
  readonly url: string;
  close(): Promise<void>;
}

/** Passes requests on to the proxy in the name of a host: Node's fetch lets nobody choose that. */
export async function startRelay(proxyUrl: string, host: string): Promise<Relay> {
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const onward = send(new URL(url ?? "/", proxyUrl), { method, headers: { ...headers, host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  const port = await listen(server, { port: 0 });
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}
