import { createServer } from "node:http";

import { closeServer, listen } from "../../net/listen.ts";

/** A notification of Alertmanager's webhook (prometheus.io/docs/alerting/latest/configuration/#webhook_config). */
export interface Notification {
  /** Name of the receiver that was chosen. */
  readonly receiver: string;
  readonly alerts: readonly {
    readonly status: "firing" | "resolved";
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** Stands for the services that Alertmanager notifies. */
export interface Pager {
  readonly url: string;
  readonly notifications: readonly Notification[];
  close(): Promise<void>;
}

export async function startPager(): Promise<Pager> {
  const notifications: Notification[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      notifications.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      response.end();
    });
  });
  const port = await listen(server, { port: 0 });
  return { url: `http://127.0.0.1:${port}`, notifications, close: () => closeServer(server) };
}
