import { describe, test } from "vitest";

import { readAnswerCode } from "../../../rpc/src/http/answer-code.ts";
import { frame } from "../../support/rpc-messages.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const grpcWeb = (...frames: readonly Uint8Array[]) => ({
  status: 200,
  contentType: "application/grpc-web+proto",
  body: new Uint8Array(frames.flatMap((each) => [...each])),
});

describe("the code of an answer", () => {
  test("of Connect is in its JSON, and a success has none", ({ expect }) => {
    const error = { status: 404, contentType: "application/json", body: bytes('{"code":"not_found"}') };
    expect(readAnswerCode(error)).toEqual({ protocol: "connect", code: "not_found" });
    const success = { status: 200, contentType: "application/proto", body: bytes("") };
    expect(readAnswerCode(success)).toEqual({ protocol: "connect", code: "ok" });
  });

  test("of gRPC-Web is in its trailers, behind the message", ({ expect }) => {
    const trailers = (status: string) => frame(bytes(`x: 1\r\ngrpc-status: ${status}\r\ngrpc-message: a\r\n`), 0x80);
    expect(readAnswerCode(grpcWeb(frame(bytes("grpc-status: 9")), trailers("0")))?.code).toBe("ok");
    const codes = ["1", "3", "4", "5", "6", "7", "8", "10", "16"].map(
      (code) => readAnswerCode(grpcWeb(trailers(code)))?.code,
    );
    expect(codes).toEqual([
      "canceled",
      "invalid_argument",
      "deadline_exceeded",
      "not_found",
      "already_exists",
      "permission_denied",
      "resource_exhausted",
      "aborted",
      "unauthenticated",
    ]);
    expect(readAnswerCode(grpcWeb(trailers("99")))?.code).toBe("unknown");
    expect(readAnswerCode(grpcWeb(frame(bytes("x"))))?.code).toBe("unknown");
    expect(readAnswerCode(grpcWeb())?.code).toBe("unknown");
  });

  test("is null for what tells of no call", ({ expect }) => {
    expect(readAnswerCode({ status: 415, contentType: "", body: bytes("") })).toBeNull();
    expect(readAnswerCode({ status: 404, contentType: "application/json", body: bytes("[]") })).toBeNull();
  });
});
