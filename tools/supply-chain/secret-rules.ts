import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

export interface SecretFinding {
  /** From 1. */
  readonly line: number;
  /** What it looks like; never the secret itself. */
  readonly message: string;
}

/** Secrets of this project's world that the preset does not know. */
const OUR_SECRETS = [
  { pattern: /\buk_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g, message: "found an API key of this service" },
  { pattern: /\bnpg_[A-Za-z0-9]{12,}/g, message: "found a password of a Neon role" },
] as const;

/** What may follow the host of a URL. */
const END = "(?=[:/?\"'`,;)\\]}]|$)";

/**
 * Connection strings that can belong to nobody: hosts that are reserved (RFC 2606, loopback), and two examples word for
 * word.
 */
const HARMLESS_URLS = [
  `/@[^/:@]*\\.(?:example|test|invalid)${END}/`,
  `/@(?:localhost|127\\.0\\.0\\.1|\\[::1\\])${END}/`,
  "postgresql://app:pa55word@ep-cool-name.eu-central-1.aws.neon.tech/",
  "mysql://app:s3cr3t@host/",
];

const CONFIG = {
  rules: [
    {
      id: "@secretlint/secretlint-rule-preset-recommend",
      rule: creator,
      rules: [
        { id: "@secretlint/secretlint-rule-aws", options: { enableIDScanRule: true } },
        { id: "@secretlint/secretlint-rule-database-connection-string", options: { allows: HARMLESS_URLS } },
        { id: "@secretlint/secretlint-rule-basicauth", options: { allows: HARMLESS_URLS } },
      ],
    },
  ],
};

/** Finds what looks like a secret in a text; `path` is only named. */
export async function findSecrets(path: string, text: string): Promise<readonly SecretFinding[]> {
  const source = { content: text, filePath: path, ext: "", contentType: "text" } as const;
  const { messages } = await lintSource({ source, options: { config: CONFIG, maskSecrets: true } });
  return [
    ...messages.map(({ loc, message }) => ({ line: loc.start.line, message })),
    ...OUR_SECRETS.flatMap(({ pattern, message }) =>
      Array.from(text.matchAll(pattern), ({ index }) => ({ line: text.slice(0, index).split("\n").length, message })),
    ),
  ];
}
