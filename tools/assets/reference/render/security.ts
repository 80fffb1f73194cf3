import type { OpenapiDocument, Operation, SecurityScheme } from "./document.ts";

/** How one kind of credentials travels. */
export interface Credential {
  readonly scheme: string;
  readonly label: string;
  readonly description: string;
  readonly header: string;
  readonly prefix: string;
}

/** What the reader may enter. Throws for schemes that a form cannot send. */
export function credentialsOf({ components }: OpenapiDocument): Credential[] {
  return Object.entries(components?.securitySchemes ?? {}).map(([scheme, each]) => {
    const { description = "" } = each;
    return { scheme, description, ...wayOf(scheme, each) };
  });
}

function wayOf(name: string, { type, ...scheme }: SecurityScheme): Pick<Credential, "label" | "header" | "prefix"> {
  if (type === "apiKey" && scheme.in === "header" && scheme.name !== undefined) {
    return { label: `API key (${scheme.name})`, header: scheme.name, prefix: "" };
  }
  if (type === "http" && scheme.scheme === "bearer") {
    return { label: "Bearer token (Authorization)", header: "Authorization", prefix: "Bearer " };
  }
  throw new Error(`The reference page cannot send credentials of the security scheme "${name}".`);
}

/** Schemes of which one is needed; none for an open operation. */
export function schemesOf({ security = [] }: Operation): string[] {
  return [...new Set(security.flatMap((choice) => Object.keys(choice)))];
}
