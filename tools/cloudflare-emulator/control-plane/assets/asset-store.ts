import { existsSync } from "node:fs";
import { copyFile, link, mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";

import { badRequest, refuse } from "../http/api-error.ts";
import { createTokens, type Tokens } from "./asset-tokens.ts";

/** Hash and size in bytes of each file, by its public path (`/logo.svg`). */
export type AssetManifest = ReadonlyMap<string, { readonly hash: string; readonly size: number }>;

export interface UploadSession {
  /** Identifies the session; when nothing has to be uploaded, it already is what a version refers to the files by. */
  readonly token: string;
  /** Hashes of the files to upload, in groups for one request each. */
  readonly buckets: readonly (readonly string[])[];
}

/** Static files of all scripts, each content once. */
export interface AssetStore {
  /** @throws ApiError for a path or hash that is none */
  begin(scriptName: string, manifest: AssetManifest): Promise<UploadSession>;
  /**
   * Keeps uploaded files; gives the completion token once nothing is missing, else null.
   * @throws ApiError for a token that is no session's, or for a file that was not asked for
   */
  receive(token: string, files: ReadonlyMap<string, Buffer>): Promise<string | null>;
  /**
   * Puts the files of a completed upload under their public paths into a folder.
   * @throws ApiError for a token of another script, or while files are missing
   */
  materialize(token: string, scriptName: string, folder: string): Promise<void>;
}

export interface AssetStoreOptions {
  readonly stateDir: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

interface Session {
  readonly scriptName: string;
  readonly manifest: AssetManifest;
}

/** In the state folder. */
export const ASSETS_FOLDER = "asset-files";
const MAX_FILES_PER_BUCKET = 50;
const HASH = /^[0-9a-f]{32}$/;

export function createAssetStore({ stateDir, now, newId }: AssetStoreOptions): AssetStore {
  const root = path.join(stateDir, ASSETS_FOLDER);
  const fileOf = (hash: string): string => path.join(root, hash);
  const sessions = new Map<string, Session>();
  const tokens = createTokens(now);
  const missing = ({ manifest }: Session): readonly string[] =>
    [...new Set([...manifest.values()].map(({ hash }) => hash))].filter((hash) => !existsSync(fileOf(hash)));
  return {
    async begin(scriptName, manifest) {
      checkManifest(manifest);
      const id = newId();
      const session = { scriptName, manifest };
      sessions.set(id, session);
      return { token: await tokens.sign(id), buckets: chunk(missing(session), MAX_FILES_PER_BUCKET) };
    },
    async receive(token, files) {
      const session = await sessionOf(sessions, tokens, token);
      await mkdir(root, { recursive: true });
      for (const [hash, bytes] of files) {
        checkFile(session, hash, bytes);
        const draft = path.join(root, newId());
        await writeFile(draft, bytes);
        await rename(draft, fileOf(hash));
      }
      return missing(session).length === 0 ? token : null;
    },
    async materialize(token, scriptName, folder) {
      const session = await sessionOf(sessions, tokens, token);
      if (session.scriptName !== scriptName) throw badRequest("These assets were uploaded for another Worker.");
      if (missing(session).length > 0) throw badRequest("The upload of the assets is not complete.");
      await mkdir(folder, { recursive: true });
      for (const [publicPath, { hash }] of session.manifest) {
        const target = path.join(folder, publicPath);
        await mkdir(path.dirname(target), { recursive: true });
        await link(fileOf(hash), target).catch(() => copyFile(fileOf(hash), target));
      }
    },
  };
}

async function sessionOf(sessions: ReadonlyMap<string, Session>, tokens: Tokens, token: string): Promise<Session> {
  const id = await tokens.read(token);
  const session = id === null ? undefined : sessions.get(id);
  if (session === undefined)
    throw refuse(401, "authentication", "The token of the asset upload is unknown or too old.");
  return session;
}

function checkManifest(manifest: AssetManifest): void {
  for (const [publicPath, { hash }] of manifest) {
    const isInside = publicPath.startsWith("/") && !publicPath.split("/").includes("..");
    if (!isInside) throw badRequest(`${publicPath} is no path of an asset.`);
    if (!HASH.test(hash)) throw badRequest(`The hash of ${publicPath} is not 32 hex digits.`);
  }
}

function checkFile({ manifest }: Session, hash: string, bytes: Buffer): void {
  const expected = [...manifest.values()].find((entry) => entry.hash === hash);
  if (expected === undefined) throw badRequest(`Nobody asked for a file with the hash ${hash}.`);
  if (expected.size !== bytes.length) {
    throw badRequest(`The file with the hash ${hash} has ${bytes.length} bytes instead of ${expected.size}.`);
  }
}

function chunk(items: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
