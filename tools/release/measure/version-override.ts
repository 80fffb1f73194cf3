/** Header in which every answer of the service names the version that gave it. */
export const VERSION_HEADER = "X-Version-Id";

/**
 * Header that pins a request to one version of the live deployment: a dictionary of structured fields (RFC 9651). The
 * platform ignores it without a word when it cannot follow it, so the answer's `X-Version-Id` has to be compared.
 */
export function overrideHeaders(scriptName: string, versionId: string): Readonly<Record<string, string>> {
  return { "Cloudflare-Workers-Version-Overrides": `${scriptName}="${versionId}"` };
}
