/** A refusal in the terms of Neon's API: `{ request_id, code, message }`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const badRequest = (message: string): ApiError => new ApiError(400, "BAD_REQUEST", message);
export const notFound = (what: string): ApiError => new ApiError(404, "NOT_FOUND", `${what} not found`);
export const conflict = (message: string): ApiError => new ApiError(409, "CONFLICT", message);
export const locked = (): ApiError =>
  new ApiError(
    423,
    "LOCKED",
    "project already has running conflicting operations, scheduling of new ones is prohibited",
  );
