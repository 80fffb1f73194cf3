export const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const FINAL = 0x80;
const MASKED = 0x80;
const SIZE_IN_16_BITS = 126;
const SIZE_IN_64_BITS = 127;
/** Far above what a client of a tail says; a larger one would be held in memory. */
const MAX_PAYLOAD_BYTES = 65_536;

/** A frame from a server: complete, not masked. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([encodeHeader(opcode, payload.length), payload]);
}

/**
 * The complete frames at the beginning of `bytes`, and what follows them. Masked and unmasked ones are accepted, because
 * wrangler does not mask what it says, against RFC 6455.
 * @throws Error for a frame that is too large
 */
export function decodeFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let rest = bytes;
  for (let next = decodeFrame(rest); next !== null; next = decodeFrame(rest)) {
    frames.push(next.frame);
    rest = rest.subarray(next.size);
  }
  return { frames, rest };
}

function encodeHeader(opcode: number, size: number): Buffer {
  if (size < SIZE_IN_16_BITS) return Buffer.from([FINAL | opcode, size]);
  if (size < 65_536) {
    const header = Buffer.from([FINAL | opcode, SIZE_IN_16_BITS, 0, 0]);
    header.writeUInt16BE(size, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header[0] = FINAL | opcode;
  header[1] = SIZE_IN_64_BITS;
  header.writeBigUInt64BE(BigInt(size), 2);
  return header;
}

function decodeFrame(bytes: Buffer): { readonly frame: Frame; readonly size: number } | null {
  if (bytes.length < 2) return null;
  const [first = 0, second = 0] = bytes;
  const length = decodeLength(bytes, second & ~MASKED);
  if (length === null) return null;
  if (length.payload > MAX_PAYLOAD_BYTES) throw new Error(`A frame of ${length.payload} bytes is too large`);
  const isMasked = (second & MASKED) !== 0;
  const start = length.end + (isMasked ? 4 : 0);
  const end = start + length.payload;
  if (bytes.length < end) return null;
  const payload = Buffer.from(bytes.subarray(start, end));
  if (isMasked) unmask(payload, bytes.subarray(length.end, start));
  return { frame: { opcode: first & 0x0f, payload }, size: end };
}

function decodeLength(bytes: Buffer, short: number): { readonly payload: number; readonly end: number } | null {
  if (short < SIZE_IN_16_BITS) return { payload: short, end: 2 };
  const end = short === SIZE_IN_16_BITS ? 4 : 10;
  if (bytes.length < end) return null;
  return { payload: end === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)), end };
}

function unmask(payload: Buffer, mask: Buffer): void {
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0);
}
