/** `unavailable`: no token is configured, so nobody can have the right one. */
export type TokenVerdict = "right" | "missing" | "wrong" | "unavailable";

/** Whether `Authorization` holds the token (RFC 6750 section 2.1). It takes the same time for every wrong one. */
export async function checkBearerToken(
  authorization: string | null,
  expected: string | undefined,
): Promise<TokenVerdict> {
  if (expected === undefined || expected === "") return "unavailable";
  const presented = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization ?? "")?.[1];
  if (presented === undefined) return "missing";
  // Digests have one length, whatever the lengths of the tokens.
  const [a, b] = await Promise.all([digest(presented), digest(expected)]);
  return crypto.subtle.timingSafeEqual(a, b) ? "right" : "wrong";
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
