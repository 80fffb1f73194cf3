import { createServer } from "node:http";

import { exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet, type JWK } from "jose";

export const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** What a token says; an undefined member is left out. */
export interface TokenContent {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** An identity provider with real keys. */
export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  /** Serves the key set without a network; may be given to whoever wants a `fetch`. */
  fetch(): Promise<Response>;
  /** How many times the key set was asked for, also while down. */
  readonly fetches: number;
  /** The public key that tokens are signed with now. */
  readonly publicKey: JWK;
  /** Signs a token that is valid for five minutes and grants both scopes, unless told otherwise. */
  mint(content?: TokenContent): Promise<string>;
  /** Signs with a new key from now on. The old one is no longer published, unless it is kept. */
  rotate(options?: { readonly keepOld?: boolean }): Promise<void>;
  /** What the key set consists of; replace it to publish something else. */
  keySet: unknown;
  /** While true, connections for the key set break off. */
  isDown: boolean;
  /** While true, the key set is never served, on connections that stay open. */
  isHanging: boolean;
}

export interface IssuerOptions {
  readonly algorithm?: Algorithm;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
}

/** Claims of the tokens are relative to the clock; keys are called key-1, key-2 and so on. */
export async function createIssuer({ algorithm = "ES256", clock = Date.now }: IssuerOptions = {}): Promise<Issuer> {
  let keyCount = 0;
  const makeKey = async () => {
    keyCount += 1;
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    const published = { ...(await exportJWK(publicKey)), kid: `key-${keyCount}`, alg: algorithm, use: "sig" };
    return { privateKey, published };
  };
  let current = await makeKey();
  let fetches = 0;
  const issuer = "https://issuer.test/";
  const audience = "users-api";

  const provider: Issuer = {
    issuer,
    audience,
    keySet: { keys: [current.published] },
    isDown: false,
    isHanging: false,
    get fetches() {
      return fetches;
    },
    get publicKey() {
      return current.published;
    },
    async fetch() {
      fetches += 1;
      if (provider.isDown) throw new TypeError("fetch failed");
      if (provider.isHanging) await new Promise<never>(() => {});
      return Response.json(provider.keySet);
    },
    async mint({ claims = {}, header = {} }: TokenContent = {}) {
      const now = Math.floor(clock() / 1_000);
      const defaults = { iss: issuer, aud: audience, sub: "user-1", scope: "users:read users:write", exp: now + 300 };
      return await new SignJWT(withoutUndefined({ ...defaults, ...claims }))
        .setProtectedHeader({
          alg: algorithm,
          ...withoutUndefined({ kid: current.published.kid, typ: "JWT", ...header }),
        })
        .sign(current.privateKey);
    },
    async rotate({ keepOld = false } = {}) {
      const old = current.published;
      current = await makeKey();
      provider.keySet = { keys: keepOld ? [old, current.published] : [current.published] } satisfies JSONWebKeySet;
    },
  };
  return provider;
}

/** An identity provider that serves its key set over HTTP, on loopback. */
export interface IssuerServer {
  readonly provider: Issuer;
  readonly jwksUrl: string;
  close(): Promise<void>;
}

export async function startIssuer(options: IssuerOptions = {}): Promise<IssuerServer> {
  const provider = await createIssuer(options);
  const server = createServer((request, response) => {
    provider.fetch().then(
      async (answer) => {
        response.writeHead(request.url === "/jwks.json" ? 200 : 404, { "Content-Type": "application/jwk-set+json" });
        response.end(await answer.text());
      },
      () => request.socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    provider,
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
