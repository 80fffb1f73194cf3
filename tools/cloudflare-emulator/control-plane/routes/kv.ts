import { z } from "zod";

import type { KvEntry, KvNamespace } from "../../kv/kv-namespaces.ts";
import type { Context } from "../context.ts";
import { badRequest, refuse } from "../http/api-error.ts";
import { checkBody, readJson } from "../http/body.ts";
import { type ApiAnswer, type RoutedCall, type Route, wholeList } from "../http/router.ts";
import { readForm } from "../versions/upload-form.ts";

const NAMESPACES = "/accounts/:account/storage/kv/namespaces";
const NAMESPACE = `${NAMESPACES}/:namespace`;
const VALUE = `${NAMESPACE}/values/:key`;

const titleSchema = z.looseObject({ title: z.string().min(1).max(512) });

/** Namespaces and their values, as `wrangler kv` and automatic provisioning ask for them. */
export const kvRoutes: readonly Route[] = [
  { method: "GET", pattern: NAMESPACES, handle: listNamespaces },
  { method: "POST", pattern: NAMESPACES, handle: createNamespace },
  {
    method: "GET",
    pattern: NAMESPACE,
    handle: (call, context) => ({ result: viewNamespace(findNamespace(call, context)) }),
  },
  { method: "PUT", pattern: NAMESPACE, handle: renameNamespace },
  { method: "DELETE", pattern: NAMESPACE, handle: deleteNamespace },
  { method: "GET", pattern: `${NAMESPACE}/keys`, handle: listKeys },
  { method: "GET", pattern: VALUE, handle: readValue },
  { method: "PUT", pattern: VALUE, handle: writeValue },
  { method: "DELETE", pattern: VALUE, handle: deleteValue },
];

/** All are on the first page: wrangler asks for one page after the other, until one is empty, whatever the first said. */
function listNamespaces(call: RoutedCall, { kv }: Context): ApiAnswer {
  return wholeList(Number(call.query.get("page") ?? 1) > 1 ? [] : kv.list().map(viewNamespace));
}

function viewNamespace({ id, title }: KvNamespace) {
  return { id, title, supports_url_encoding: true };
}

/** @throws ApiError 10411 */
function findNamespace(call: RoutedCall, { kv }: Context): KvNamespace {
  const namespace = kv.find(call.param("namespace"));
  if (namespace === null) throw refuse(404, "namespaceNotFound", "There is no such KV namespace.");
  return namespace;
}

/** @throws ApiError 10014 */
function checkTitle({ kv }: Context, title: string, ownId: string | null): void {
  if (kv.list().every((known) => known.title !== title || known.id === ownId)) return;
  throw refuse(400, "namespaceExists", "A namespace with this account ID and title already exists.");
}

async function createNamespace(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { title } = readJson(titleSchema, call.body);
  checkTitle(context, title, null);
  const namespace = { id: context.newId().replaceAll("-", ""), title };
  await context.kv.save(namespace);
  return { result: viewNamespace(namespace) };
}

async function renameNamespace(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { title } = readJson(titleSchema, call.body);
  const { id } = findNamespace(call, context);
  checkTitle(context, title, id);
  await context.kv.save({ id, title });
  return { result: viewNamespace({ id, title }) };
}

async function deleteNamespace(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  await context.kv.remove(findNamespace(call, context).id);
  return { result: null };
}

/** On one page, whatever `?limit=` says. */
function listKeys(call: RoutedCall, context: Context): ApiAnswer {
  const entries = context.kv.entries(findNamespace(call, context).id, call.query.get("prefix") ?? "");
  return { result: entries.map(viewKey), resultInfo: { count: entries.length, cursor: "" } };
}

function viewKey({ key, expiration, metadata }: KvEntry) {
  return {
    name: key,
    ...(expiration === null ? {} : { expiration }),
    ...(metadata === null ? {} : { metadata }),
  };
}

function readValue(call: RoutedCall, context: Context): ApiAnswer {
  const entry = context.kv.get(findNamespace(call, context).id, call.param("key"));
  if (entry === null) throw refuse(404, "keyNotFound", "get: 'key not found'");
  return { result: null, raw: entry.value };
}

async function writeValue(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { id } = findNamespace(call, context);
  const { value, metadata } = await readValueBody(call);
  await context.kv.put(id, { key: call.param("key"), value, metadata, expiration: readExpiration(call, context) });
  return { result: null };
}

/** The whole body, or with metadata a form of two parts. */
async function readValueBody({ headers, body }: RoutedCall): Promise<Pick<KvEntry, "value" | "metadata">> {
  if (headers.get("content-type")?.startsWith("multipart/form-data") !== true) return { value: body, metadata: null };
  const form = await readForm(headers, body);
  const [value, metadata] = await Promise.all(["value", "metadata"].map((name) => readPart(form, name)));
  if (value === null || value === undefined) throw badRequest("The form has no part named value.");
  return { value, metadata: metadata === null || metadata === undefined ? null : parseMetadata(metadata) };
}

async function readPart(form: FormData, name: string): Promise<Buffer | null> {
  const part = form.get(name);
  if (part === null) return null;
  return typeof part === "string" ? Buffer.from(part) : Buffer.from(await part.arrayBuffer());
}

function parseMetadata(text: Buffer): unknown {
  return checkBody(z.json(), readJson(z.unknown(), text));
}

/** Of the query, `expiration` in seconds since 1970 or `expiration_ttl` in seconds from now; 60 s at least, as Cloudflare has it. */
function readExpiration({ query }: RoutedCall, { now }: Context): number | null {
  const nowS = Math.floor(now().getTime() / 1_000);
  const [at, after] = [query.get("expiration"), query.get("expiration_ttl")];
  if (at === null && after === null) return null;
  const expiration = after === null ? Number(at) : nowS + Number(after);
  if (Number.isInteger(expiration) && expiration >= nowS + MIN_EXPIRATION_S) return expiration;
  throw badRequest(`A value must live for ${MIN_EXPIRATION_S} s at least.`);
}

const MIN_EXPIRATION_S = 60;

async function deleteValue(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  await context.kv.delete(findNamespace(call, context).id, call.param("key"));
  return { result: null };
}
