/**
 * Cloudflare's error codes as far as wrangler gives them a meaning. The codes 104xx are ours: Cloudflare documents none
 * for these refusals, and wrangler only prints them.
 */
export const ERROR_CODES = {
  noRoute: 7_000,
  unknownAccount: 7_003,
  authentication: 10_000,
  workerNotFound: 10_007,
  keyNotFound: 10_009,
  unknown: 10_013,
  namespaceExists: 10_014,
  invalidName: 10_016,
  invalidScript: 10_021,
  secretNotFound: 10_056,
  invalidInherit: 10_057,
  noObjectClass: 10_061,
  invalidMigration: 10_074,
  migrationTagChanged: 10_079,
  invalidCron: 10_100,
  serviceNotFound: 10_143,
  migrationInVersionUpload: 10_211,
  settingsOfUndeployedVersion: 10_214,
  secretOfUndeployedVersion: 10_215,
  secretsChanged: 10_220,
  noVersions: 10_222,
  badRequest: 10_400,
  versionNotFound: 10_404,
  versionTooOld: 10_409,
  migratedSince: 10_410,
  namespaceNotFound: 10_411,
  queueNotFound: 10_412,
  tooLarge: 10_413,
  rateLimited: 10_429,
  consumerExists: 11_004,
  queueExists: 11_009,
} as const;

export interface ErrorEntry {
  readonly code: number;
  readonly message: string;
}

/** A refusal in the terms of Cloudflare's API; its messages hold no secret value. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly entries: readonly ErrorEntry[];

  constructor(status: number, entries: readonly ErrorEntry[]) {
    super(entries.map(({ message }) => message).join("; "));
    this.status = status;
    this.entries = entries;
  }
}

export function refuse(status: number, code: keyof typeof ERROR_CODES, message: string): ApiError {
  return new ApiError(status, [{ code: ERROR_CODES[code], message }]);
}

export function badRequest(message: string): ApiError {
  return refuse(400, "badRequest", message);
}

export function workerNotFound(): ApiError {
  return refuse(404, "workerNotFound", "This Worker does not exist on your account.");
}

export function versionNotFound(id: string): ApiError {
  return refuse(404, "versionNotFound", `This Worker has no version ${id}.`);
}
