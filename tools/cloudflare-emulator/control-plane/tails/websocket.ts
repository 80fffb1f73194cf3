import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { decodeFrames, encodeFrame, type Frame, OPCODES } from "./websocket-frames.ts";

/** Fixed by RFC 6455. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const GOING_AWAY = 1_001;
/** A tail whose reader stopped reading is cut, before what it missed fills the memory. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

/** The server's end of a WebSocket that mostly talks itself. */
export interface ServerSocket {
  sendBinary(payload: Buffer): void;
  close(): void;
}

/** Answers an upgrade with a WebSocket; `onClose` is called once, whoever ends it. */
export function acceptWebSocket(
  request: IncomingMessage,
  stream: Duplex,
  { protocol, onClose }: { protocol: string; onClose: () => void },
): ServerSocket {
  stream.write(formatHandshake(request.headers["sec-websocket-key"] ?? "", protocol));
  stream.once("close", onClose);
  stream.on("error", () => stream.destroy());
  let unread: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    try {
      const { frames, rest } = decodeFrames(Buffer.concat([unread, chunk]));
      unread = rest;
      for (const frame of frames) answer(stream, frame);
    } catch {
      stream.destroy();
    }
  });
  return {
    sendBinary(payload) {
      if (stream.writableLength > MAX_UNSENT_BYTES) stream.destroy();
      else send(stream, OPCODES.binary, payload);
    },
    close() {
      send(stream, OPCODES.close, closePayload(GOING_AWAY));
      stream.end();
    },
  };
}

function answer(stream: Duplex, { opcode, payload }: Frame): void {
  if (opcode === OPCODES.ping) send(stream, OPCODES.pong, payload);
  if (opcode !== OPCODES.close) return;
  send(stream, OPCODES.close, payload);
  stream.end();
}

function send(stream: Duplex, opcode: number, payload: Buffer): void {
  if (stream.writable) stream.write(encodeFrame(opcode, payload));
}

function closePayload(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return payload;
}

function formatHandshake(key: string, protocol: string): string {
  const accept = createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64");
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
    "\r\n",
  ].join("\r\n");
}
