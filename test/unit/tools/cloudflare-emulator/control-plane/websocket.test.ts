import fc from "fast-check";
import { describe, test } from "vitest";

import {
  passesFilters,
  type TailFilter,
} from "../../../../../tools/cloudflare-emulator/control-plane/tails/tail-filter.ts";
import {
  decodeFrames,
  encodeFrame,
  OPCODES,
} from "../../../../../tools/cloudflare-emulator/control-plane/tails/websocket-frames.ts";

const mask = (frame: Buffer, headerSize: number): Buffer => {
  const key = Buffer.from([1, 2, 3, 4]);
  const masked = Buffer.concat([frame.subarray(0, headerSize), key, frame.subarray(headerSize)]);
  masked[1] = (masked[1] ?? 0) | 0x80;
  for (let index = headerSize + 4; index < masked.length; index++) {
    masked[index] = (masked[index] ?? 0) ^ (key[(index - headerSize - 4) % 4] ?? 0);
  }
  return masked;
};

describe("WebSocket frames", () => {
  test("arrive as they were sent, in whatever pieces, masked or not", ({ expect }) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()), { maxLength: 4 }),
        fc.nat(),
        (messages, cut) => {
          const frames = messages.map(([bytes, isMasked]) => {
            const frame = encodeFrame(OPCODES.binary, Buffer.from(bytes));
            return isMasked ? mask(frame, bytes.length < 126 ? 2 : 4) : frame;
          });
          const stream = Buffer.concat(frames);
          const middle = stream.length === 0 ? 0 : cut % stream.length;
          const first = decodeFrames(stream.subarray(0, middle));
          const second = decodeFrames(Buffer.concat([first.rest, stream.subarray(middle)]));
          const payloads = [...first.frames, ...second.frames].map(({ payload }) => [...payload]);
          expect(payloads).toEqual(messages.map(([bytes]) => [...bytes]));
          expect(second.rest).toHaveLength(0);
        },
      ),
    );
  });

  test("a large event gets the long header", ({ expect }) => {
    const frame = encodeFrame(OPCODES.binary, Buffer.alloc(70_000));
    expect([...frame.subarray(0, 4)]).toEqual([0x82, 127, 0, 0]);
    expect(frame.readBigUInt64BE(2)).toBe(70_000n);
    expect(frame).toHaveLength(70_010);
  });

  test("one that is too large to be meant is refused", ({ expect }) => {
    expect(() => decodeFrames(encodeFrame(OPCODES.text, Buffer.alloc(70_000)))).toThrow(/too large/);
  });
});

describe("filters of a tail", () => {
  const event = {
    outcome: "exception",
    scriptVersion: { id: "v1" },
    logs: [{ message: ["a line"], level: "log" }],
    event: { request: { method: "POST", headers: { "x-test": "one two" } } },
  };
  const passes = (filter: TailFilter) => passesFilters(event, [filter], () => 0.5);

  test.for<[TailFilter, boolean]>([
    [{}, true],
    [{ outcome: ["ok"] }, false],
    [{ outcome: ["ok", "exception"] }, true],
    [{ method: ["get", "post"] }, true],
    [{ method: ["GET"] }, false],
    [{ header: { key: "X-Test" } }, true],
    [{ header: { key: "x-test", query: "two" } }, true],
    [{ header: { key: "x-test", query: "three" } }, false],
    [{ query: "line" }, true],
    [{ query: "other" }, false],
    [{ scriptVersion: "v1" }, true],
    [{ scriptVersion: "v2" }, false],
    [{ sampling_rate: 0.6 }, true],
    [{ sampling_rate: 0.4 }, false],
    [{ client_ip: ["self"] }, true],
  ])("%j lets the event through: %s", ([filter, expected], { expect }) => {
    expect(passes(filter)).toBe(expected);
  });

  test("all of them have to let it through", ({ expect }) => {
    expect(passesFilters(event, [{ method: ["POST"] }, { scriptVersion: "v2" }], () => 0)).toBe(false);
    expect(passesFilters({ event: { cron: "* * * * *" } }, [{ method: ["POST"] }], () => 0)).toBe(false);
  });
});
