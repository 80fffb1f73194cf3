import type { ConnectError } from "@connectrpc/connect";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.ts";

/** A message that travels with an error. */
export type ErrorDetail = NonNullable<ConstructorParameters<typeof ConnectError>[3]>[number];

/** Whose reasons these are. */
const DOMAIN = "users-api";

export interface FieldViolation {
  /** Of the request message; empty for all of it. */
  readonly field: string;
  readonly description: string;
  readonly reason: string;
}

export function errorInfo(reason: string, metadata: Readonly<Record<string, string>> = {}): ErrorDetail {
  return { desc: ErrorInfoSchema, value: { reason, domain: DOMAIN, metadata: { ...metadata } } };
}

export function badRequest(violations: readonly FieldViolation[]): ErrorDetail {
  return { desc: BadRequestSchema, value: { fieldViolations: violations.map((violation) => ({ ...violation })) } };
}

/** From the API's `Retry-After`, whose values are seconds; none without it. */
export function retryInfo(retryAfter: string | null): readonly ErrorDetail[] {
  if (retryAfter === null || !/^\d{1,6}$/.test(retryAfter)) return [];
  return [{ desc: RetryInfoSchema, value: { retryDelay: { seconds: BigInt(retryAfter), nanos: 0 } } }];
}
