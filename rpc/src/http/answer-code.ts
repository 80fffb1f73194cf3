import { Code } from "@connectrpc/connect";

/** An answer as it leaves. */
export interface EncodedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface AnswerCode {
  readonly protocol: "connect" | "grpc-web";
  /** As Connect spells it; `ok` for a success. */
  readonly code: string;
}

/** What an answer says of its call, in whichever protocol; null for one that tells of no call. */
export function readAnswerCode(answer: EncodedAnswer): AnswerCode | null {
  if (answer.contentType.startsWith("application/grpc-web")) {
    return { protocol: "grpc-web", code: nameOf(readTrailerStatus(answer.body)) };
  }
  if (answer.status === 200) return { protocol: "connect", code: "ok" };
  const code = readErrorCode(answer);
  return code === null ? null : { protocol: "connect", code };
}

/** gRPC-Web ends its body with a frame of trailers, whose flag has the highest bit set; each frame says its length first. */
function readTrailerStatus(body: Uint8Array): number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let at = 0; at + FRAME_HEAD_BYTES <= body.byteLength;) {
    const start = at + FRAME_HEAD_BYTES;
    const end = start + view.getUint32(at + 1);
    if ((view.getUint8(at) & TRAILER_FLAG) !== 0) {
      const trailers = new TextDecoder().decode(body.subarray(start, end));
      return Number(/^grpc-status: *(\d+)/im.exec(trailers)?.[1] ?? Code.Unknown);
    }
    at = end;
  }
  return Code.Unknown;
}

const FRAME_HEAD_BYTES = 5;
const TRAILER_FLAG = 0x80;

/** `InvalidArgument` is `invalid_argument`. */
function nameOf(status: number): string {
  if (status === 0) return "ok";
  const name = Code[status] ?? Code[Code.Unknown] ?? "";
  return name.replaceAll(/(?!^)[A-Z]/g, "_$&").toLowerCase();
}

/** Connect's errors are JSON, whatever the call's codec. */
function readErrorCode({ contentType, body }: EncodedAnswer): string | null {
  if (!contentType.startsWith("application/json")) return null;
  const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
  const code = typeof parsed === "object" && parsed !== null && "code" in parsed ? parsed.code : null;
  return typeof code === "string" ? code : null;
}
