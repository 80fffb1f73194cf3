import type { IncomingMessage } from "node:http";

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

/**
 * Whether a request may control what only this machine may. A browser page may reach loopback too, but cannot leave out the
 * Origin header on anything that changes state.
 */
export function isLocalRequest({ socket, headers }: IncomingMessage): boolean {
  return LOOPBACK.test(socket.remoteAddress ?? "") && headers.origin === undefined;
}
