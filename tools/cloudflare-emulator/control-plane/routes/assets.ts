import { z } from "zod";

import type { Context } from "../context.ts";
import { badRequest } from "../http/api-error.ts";
import { readJson } from "../http/body.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { readForm } from "../versions/upload-form.ts";

const manifestSchema = z.looseObject({
  manifest: z.record(z.string(), z.looseObject({ hash: z.string(), size: z.int().min(0) })),
});

const CREATED = 201;
const ACCEPTED = 202;

export const assetRoutes: readonly Route[] = [
  {
    method: "POST",
    pattern: "/accounts/:account/workers/scripts/:script/assets-upload-session",
    handle: beginUpload,
  },
  {
    method: "POST",
    pattern: "/accounts/:account/workers/assets/upload",
    hasOwnCredentials: true,
    handle: receiveFiles,
  },
];

/** Open for a script that does not exist yet: its assets come before its first upload. */
async function beginUpload(call: RoutedCall, { assets }: Context): Promise<ApiAnswer> {
  const { manifest } = readJson(manifestSchema, call.body);
  const session = await assets.begin(call.param("script"), new Map(Object.entries(manifest)));
  return { result: { jwt: session.token, buckets: session.buckets } };
}

async function receiveFiles(call: RoutedCall, { assets }: Context): Promise<ApiAnswer> {
  if (call.query.get("base64") !== "true") throw badRequest("Assets are uploaded with base64=true.");
  const token = (call.headers.get("authorization") ?? "").replace(/^Bearer /, "");
  const files = new Map<string, Buffer>();
  for (const [hash, part] of await readForm(call.headers, call.body)) {
    files.set(hash, Buffer.from(typeof part === "string" ? part : await part.text(), "base64"));
  }
  const completion = await assets.receive(token, files);
  return completion === null ? { status: ACCEPTED, result: {} } : { status: CREATED, result: { jwt: completion } };
}
