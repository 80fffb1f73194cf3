import { getPath } from "hono/utils/url";

import { RequestScope } from "./request-scope.ts";

/** A URL of which a parser would leave the path as it is: no backslash, no dot segment, nothing that has to be encoded. */
const NORMAL = /^https?:\/\/[^/?#\\]+(?:\/(?!\.|%2e)[\w\-.~!$&'()*+,;=:@%]*)+(?:\?|$)/i;

/**
 * The path of a request as it was sent, in the spelling that URL parsers give it (WHATWG URL standard). The runtime
 * hands on what came over the wire, which a hostile client may have spelled in another way.
 */
export function sentPath(url: string): string {
  if (!NORMAL.test(url)) return URL.parse(url)?.pathname ?? "/";
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?", start);
  return end === -1 ? url.slice(start) : url.slice(start, end);
}

/** The path by which a request finds its operation: the same with its percent-encoded characters decoded, as Hono does it. */
export function routingPath(request: Request, { env }: { readonly env?: object } = {}): string {
  const path = sentPath(env instanceof RequestScope ? env.url : request.url);
  return path.includes("%") ? getPath(new Request(`http://path.invalid${path}`)) : path;
}
