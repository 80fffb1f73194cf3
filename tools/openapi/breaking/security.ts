import type { OpenapiDocument, OperationObject, SecurityRequirement } from "../document.ts";
import type { Finding } from "./finding.ts";

/** What a client with the credentials of the older document cannot do any more. */
export function compareSecurity(
  documents: { readonly before: OpenapiDocument; readonly after: OpenapiDocument },
  before: OperationObject,
  after: OperationObject,
  place: string,
): Finding[] {
  const had = requirementsOf(documents.before, before);
  const has = requirementsOf(documents.after, after);
  return had
    .filter((old) => !has.some((current) => isSatisfiedBy(current, old)))
    .map((old) => ({
      kind: "security-raised",
      place,
      message: `${describe(old)} was enough, now it takes ${has.map(describe).join(" or ")}`,
    }));
}

/** Changes of a scheme that is known by the same name. */
export function compareSecuritySchemes(before: OpenapiDocument, after: OpenapiDocument): Finding[] {
  const schemes = after.components?.securitySchemes ?? {};
  return Object.entries(before.components?.securitySchemes ?? {})
    .filter(([name, scheme]) => wireOf(scheme) !== wireOf(schemes[name] ?? {}))
    .map(([name]) => ({
      kind: "security-scheme-changed",
      place: `security scheme ${name}`,
      message: Object.hasOwn(schemes, name) ? "credentials are sent in another way now" : "the scheme is gone",
    }));
}

/** No requirement at all is the one that everybody meets. */
function requirementsOf(document: OpenapiDocument, { security }: OperationObject): readonly SecurityRequirement[] {
  const requirements = security ?? document.security ?? [];
  return requirements.length === 0 ? [{}] : requirements;
}

function isSatisfiedBy(requirement: SecurityRequirement, credentials: SecurityRequirement): boolean {
  return Object.entries(requirement).every(([scheme, scopes]) => {
    const held = credentials[scheme];
    return held !== undefined && scopes.every((scope) => held.includes(scope));
  });
}

function describe(requirement: SecurityRequirement): string {
  const parts = Object.entries(requirement).map(([scheme, scopes]) => [scheme, ...scopes].join(" "));
  return parts.length === 0 ? "nothing" : parts.join(" with ");
}

/** What of a scheme goes over the wire; the rest is prose. */
const WIRE_MEMBERS = ["type", "in", "name", "scheme", "openIdConnectUrl"];

function wireOf(scheme: object): string {
  const members = new Map<string, unknown>(Object.entries(scheme));
  return JSON.stringify(WIRE_MEMBERS.map((name) => members.get(name)));
}
