import path from "node:path";

import { z } from "zod";

import { badRequest, refuse } from "../http/api-error.ts";
import { checkBody } from "../http/body.ts";
import { migrationsSchema } from "../rules/object-classes.ts";

const metadataSchema = z.looseObject({
  main_module: z.string().min(1).optional(),
  body_part: z.string().optional(),
  bindings: z.array(z.looseObject({ name: z.string().min(1), type: z.string().min(1) })).default([]),
  compatibility_date: z.iso.date().default("2021-11-02"), // What Cloudflare assumes.
  compatibility_flags: z.array(z.string()).default([]),
  annotations: z.record(z.string(), z.string().optional()).default({}),
  keep_bindings: z.array(z.string()).optional(),
  keep_assets: z.boolean().default(false),
  assets: z
    .looseObject({ jwt: z.string().optional(), config: z.record(z.string(), z.unknown()).default({}) })
    .optional(),
  migrations: migrationsSchema.optional(),
  observability: z.unknown().optional(),
  logpush: z.boolean().optional(),
  tail_consumers: z.array(z.unknown()).optional(),
});

export type UploadMetadata = z.infer<typeof metadataSchema>;

export interface UploadedModule {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

export interface Upload {
  readonly metadata: UploadMetadata;
  readonly mainModule: string;
  /** The main module among them. */
  readonly modules: readonly UploadedModule[];
}

const ES_MODULE = "application/javascript+module";
/** For people and debuggers; the runtime does not load it. */
export const SOURCE_MAP = "application/source-map";

/**
 * Reads a Worker's upload.
 * @throws ApiError 400, or 10021 for what can be no Worker
 */
export async function readUpload(headers: Headers, body: Buffer): Promise<Upload> {
  const form = await readForm(headers, body);
  const metadata = checkBody(metadataSchema, parseMetadata(await textOf(form.get("metadata"))));
  const modules = await readModules(form);
  const mainModule = metadata.main_module;
  if (mainModule === undefined) throw invalidScript("only Workers in the form of ES modules can be uploaded here");
  const main = modules.find(({ name }) => name === mainModule);
  if (main === undefined) throw invalidScript(`the upload has no part for the main module "${mainModule}"`);
  if (main.type !== ES_MODULE) throw invalidScript(`the main module "${mainModule}" is no ES module but ${main.type}`);
  return { metadata, mainModule, modules };
}

/** @throws ApiError 400 when the body is no multipart form */
export async function readForm(headers: Headers, body: Buffer): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), {
      headers: { "content-type": headers.get("content-type") ?? "" },
    }).formData();
  } catch {
    throw badRequest("The body is no multipart form.");
  }
}

export function invalidScript(reason: string) {
  return refuse(400, "invalidScript", reason);
}

async function readModules(form: FormData): Promise<readonly UploadedModule[]> {
  const modules: UploadedModule[] = [];
  for (const [name, part] of form) {
    if (typeof part === "string" || name === "metadata") continue;
    checkModuleName(name);
    modules.push({ name, type: part.type, bytes: Buffer.from(await part.arrayBuffer()) });
  }
  return modules;
}

function checkModuleName(name: string): void {
  const isInside = !path.isAbsolute(name) && !name.split(/[/\\]/).includes("..") && !name.includes("\0");
  if (!isInside) throw invalidScript(`"${name}" cannot be the name of a module`);
}

/** Wrangler sends it as text, others as a file. */
async function textOf(part: File | string | null): Promise<string> {
  if (part === null) throw badRequest("The upload has no part named metadata.");
  return typeof part === "string" ? part : await part.text();
}

function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("The part named metadata is no JSON.");
  }
}
