import { readForm } from "../versions/upload-form.ts";

/** Members whose values are fit for a log. Everything else might be a secret, in a body that is wrong as well. */
const SHOWN = new Set(
  [
    "annotations,assets,base64,bindings,class_name,compatibility_date,compatibility_flags,config,cron,crons,dataset,enabled",
    "env,filters,hash,head_sampling_rate,hostname,html_handling,keep_assets,keep_bindings,limit,logpush,logs,main_module",
    "manifest,metadata,migrations,mode,modules,name,namespace_id,new_tag,not_found_handling,observability,old_tag,origins",
    "pattern,percentage,period,placement,previews_enabled,queue_name,region,run_worker_first,secrets,service,simple,size",
    "strategy,tags,traces,type,version_id,versions,workers/alias,workers/message,workers/tag",
  ].flatMap((line) => line.split(",")),
);

/** Members that hold things by their names, all of which are fit to be shown. */
const KEYED_BY_NAME = new Set(["env", "manifest", "secrets"]);
const MAX_TEXT = 200;
const MAX_ITEMS = 50;

/** What a request's body says, for the call log: values only of members that are known to be harmless; null when empty. */
export async function summarizeBody(headers: Headers, body: Buffer): Promise<unknown> {
  if (body.length === 0) return null;
  const type = headers.get("content-type") ?? "";
  try {
    if (type.startsWith("multipart/form-data")) return await summarizeForm(headers, body);
    return summarizeWhole(JSON.parse(body.toString("utf8")));
  } catch {
    return { bytes: body.length };
  }
}

async function summarizeForm(headers: Headers, body: Buffer): Promise<unknown> {
  const form = await readForm(headers, body);
  const parts: Record<string, unknown> = {};
  for (const [name, part] of form) {
    const isJson = name === "metadata" || name === "settings";
    const text = typeof part === "string" ? part : isJson ? await part.text() : null;
    if (isJson && text !== null) parts[name] = summarizeWhole(JSON.parse(text));
    else parts[name] = { bytes: typeof part === "string" ? part.length : part.size };
  }
  return parts;
}

/** Bare texts and numbers have no name that tells whether they may be shown. */
function summarizeWhole(value: unknown): unknown {
  return Array.isArray(value) ? value.slice(0, MAX_ITEMS).map(summarizeNamed) : summarizeNamed(value);
}

function summarize(value: unknown, isShown: boolean): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (!isShown) return `(${typeof value})`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => summarize(item, true));
  if (typeof value === "object") return summarizeMembers(value);
  return typeof value === "string" ? value.slice(0, MAX_TEXT) : value;
}

function summarizeMembers(members: object): Record<string, unknown> {
  return mapMembers(members, (value, key) => {
    const isMap = KEYED_BY_NAME.has(key) && typeof value === "object" && value !== null && !Array.isArray(value);
    return isMap ? mapMembers(value, summarizeNamed) : summarize(value, SHOWN.has(key));
  });
}

function summarizeNamed(value: unknown): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? summarizeMembers(value) : summarize(value, false);
}

function mapMembers(members: object, change: (value: unknown, key: string) => unknown): Record<string, unknown> {
  const entries: [string, unknown][] = Object.entries(members);
  return Object.fromEntries(entries.slice(0, MAX_ITEMS).map(([key, value]) => [key, change(value, key)]));
}
