import { AppError, type ErrorCode } from "../models/errors.ts";
import type { Precondition } from "../models/precondition.ts";
import type { ExpectedVersions } from "../models/user.ts";

/** @throws AppError `precondition-required` */
export function expectedVersions(precondition: Precondition): ExpectedVersions {
  if (precondition === "missing") throw new AppError("precondition-required");
  return precondition?.versions ?? null;
}

/**
 * Why nothing was changed. Whoever names a state of an entity expects it to exist (RFC 9110 section 13.1.1). Without a
 * precondition an entity that was not changed is one that is gone, also when it went while the change waited for it.
 */
export function preconditionError(precondition: Precondition, absent: ErrorCode): AppError {
  return new AppError(precondition === null ? absent : "precondition-failed");
}

/** The entity, when it is there and has one of the versions. */
export function requireVersion<Entity extends { readonly version: number }>(
  entity: Entity | null,
  precondition: Precondition,
  absent: ErrorCode,
): Entity {
  const expected = expectedVersions(precondition);
  if (entity === null || (expected !== null && !expected.includes(entity.version)))
    throw preconditionError(precondition, absent);
  return entity;
}
