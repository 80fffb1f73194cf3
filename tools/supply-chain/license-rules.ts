import { createRequire } from "node:module";

/** One installed package. */
export interface InstalledPackage {
  /** Place below the project: `node_modules/a/node_modules/@b/c`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** What its manifest says as `license`; null when that is no text. */
  readonly license: string | null;
  /** Whether it is part of what is deployed or published, as opposed to tools. */
  readonly isShipped: boolean;
}

/** Everything that package-lock.json lists. */
export interface Installed {
  readonly packages: readonly InstalledPackage[];
  /** Names of packages that are not here, because they are for other platforms. */
  readonly absent: readonly string[];
}

export interface LicenseException {
  /** By name. */
  readonly packages: RegExp;
  /** What the manifest says, word for word; `none` when it says nothing that SPDX knows. */
  readonly license: string;
  readonly reason: string;
}

/** SPDX identifiers, with their exception where they have one (`Apache-2.0 WITH LLVM-exception`). */
export interface LicensePolicy {
  readonly shipped: readonly string[];
  readonly tools: readonly string[];
  readonly exceptions: readonly LicenseException[];
}

/**
 * One sentence for each package that the policy does not allow, and for each exception that nothing needs: no package here, and
 * none of those that are for other platforms.
 */
export function findLicenseProblems(
  { packages, absent }: Installed,
  { shipped, tools, exceptions }: LicensePolicy,
): readonly string[] {
  const used = new Set<LicenseException>();
  const problems = packages.flatMap((each) => {
    const problem = judge(each.license, each.isShipped ? shipped : tools);
    if (problem === null) return [];
    const exception = each.isShipped ? undefined : exceptions.find((candidate) => covers(candidate, each));
    if (exception === undefined) return [`${each.path}: ${each.name} ${each.version} ${problem}${whereOf(each)}`];
    used.add(exception);
    return [];
  });
  const needless = exceptions.filter(
    (exception) => !used.has(exception) && !absent.some((name) => exception.packages.test(name)),
  );
  return [...problems, ...needless.map(({ packages: names }) => `no package needs the exception for ${names.source}`)];
}

function covers({ packages, license }: LicenseException, each: InstalledPackage): boolean {
  const said = each.license !== null && isExpression(each.license) ? each.license : "none";
  return packages.test(each.name) && license === said;
}

function judge(license: string | null, allowed: readonly string[]): string | null {
  if (license === null || license === "") return "names no licence";
  if (!isExpression(license)) return `has a licence that is no SPDX expression: ${JSON.stringify(license)}`;
  return satisfies(license, allowed) ? null : `has the licence ${license}`;
}

const whereOf = ({ isShipped }: InstalledPackage): string =>
  isShipped ? ", which what we ship may not have" : ", which no tool may have";

type Satisfies = (expression: string, allowed: readonly string[]) => unknown;

const isSatisfies = (value: unknown): value is Satisfies => typeof value === "function";

const require = createRequire(import.meta.url);

/** The package brings no types. */
const loaded: unknown = require("spdx-satisfies");

/** @throws Error for a text that is no expression of SPDX */
function satisfies(expression: string, allowed: readonly string[]): boolean {
  if (!isSatisfies(loaded)) throw new Error("spdx-satisfies is no function any more");
  return loaded(expression, allowed) === true;
}

/** The library parses before it compares, and throws for a text that it cannot parse. */
function isExpression(text: string): boolean {
  try {
    satisfies(text, ["MIT"]);
    return true;
  } catch {
    return false;
  }
}
