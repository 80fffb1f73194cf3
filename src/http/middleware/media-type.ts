import type { Guard } from "../context.ts";
import { problemResponse } from "../problem.ts";
import type { HeaderGroup } from "../response-headers.ts";

/** Refuses bodies in another format or charset; JSON is UTF-8 (RFC 8259 section 8.1). */
export function mediaType(accepted: readonly string[]): Guard {
  const acceptPatch: HeaderGroup = { "Accept-Patch": accepted.join(", ") };
  return function mediaType(c) {
    const given = c.env.headers.get("Content-Type") ?? "";
    if (accepted.includes(given) || isAccepted(given, accepted)) return null;
    return problemResponse(c, "unsupported-media-type", c.env.method === "PATCH" ? { headers: acceptPatch } : {});
  };
}

function isAccepted(contentType: string, accepted: readonly string[]): boolean {
  const [essence = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  if (!accepted.includes(essence)) return false;
  return parameters.every((parameter) => !parameter.startsWith("charset=") || /^charset="?utf-?8"?$/.test(parameter));
}
