import { callsOf, type Job, triggersOf, type Workflow } from "./workflow.ts";

/** Says what is wrong with a workflow, one sentence each; nothing when all is well. */
export type Rule = (workflow: Workflow) => readonly string[];

/** These run with our secrets and write access on what a stranger wrote. */
const FORBIDDEN_TRIGGERS: readonly string[] = ["pull_request_target", "workflow_run", "issue_comment"];

/** What a job may write, beyond reading: sign, attest, report what CodeQL found, and comment on a pull request. */
const WRITABLE_SCOPES: readonly string[] = ["id-token", "attestations", "security-events", "pull-requests"];

/** One npm script with arguments. Nothing that the shell would combine, redirect, substitute or continue. */
const NPM_SCRIPT = /^npm (?:test|run [a-z][a-z:-]*)(?: -- [^;&|<>`()\\]*)?$/;

const PINNED_CALL = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;

/** A problem of each job for which `check` gives one. */
const forEachJob =
  (check: (job: Job) => readonly (string | false)[]): Rule =>
  ({ jobs }) =>
    Object.entries(jobs).flatMap(([name, job]) =>
      check(job)
        .filter((problem) => problem !== false)
        .map((problem) => `job ${name} ${problem}`),
    );

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const usesSecrets = (part: unknown): boolean => /\bsecrets\s*[.[]/.test(JSON.stringify(part) ?? "");
const writesWith = ({ permissions }: Job, scope: string): boolean =>
  isRecord(permissions) && permissions[scope] === "write";

/** A tag can be moved to other code; a commit cannot. The comment tells people, and Dependabot, which version it is. */
const pinsActions: Rule = (workflow) =>
  callsOf(workflow)
    .filter((call) => !call.startsWith("./"))
    .flatMap((call) => {
      if (!PINNED_CALL.test(call)) return [`${call} is not pinned to a full commit hash`];
      const lines = workflow.text.split("\n").filter((line) => line.includes(call));
      const isNamed = lines.every((line) => /@[0-9a-f]{40}["']? # v\d+\.\d+\.\d+$/.test(line.trimEnd()));
      return isNamed ? [] : [`${call} lacks its version as a comment, like # v1.2.3`];
    });

const startsSafely: Rule = (workflow) =>
  triggersOf(workflow)
    .filter((event) => FORBIDDEN_TRIGGERS.includes(event))
    .map((event) => `${event} runs strangers' code with our rights`);

const grantsLittle: Rule = (workflow) => [
  ...(isRecord(workflow.permissions) && Object.keys(workflow.permissions).length === 0
    ? []
    : ["permissions at the top must be {}, so that each job names its own"]),
  ...forEachJob(({ permissions }) =>
    isRecord(permissions)
      ? Object.entries(permissions).map(
          ([scope, access]) => access === "write" && !WRITABLE_SCOPES.includes(scope) && `may write ${scope}`,
        )
      : ["must list its permissions"],
  )(workflow),
];

const endsInTime: Rule = forEachJob(({ uses, ...job }) => [
  uses === undefined && typeof job["timeout-minutes"] !== "number" && "must have timeout-minutes",
]);

/** Logic belongs into scripts, which run and are tested on every machine; an expression in a shell line is an injection. */
const runsNpmScripts: Rule = forEachJob(({ steps }) =>
  steps
    .flatMap(({ run = "" }) => run.split("\n"))
    .map((line) => line.trim())
    .flatMap((line) => [
      line !== "" && !NPM_SCRIPT.test(line) && `runs something else than one npm script: ${line}`,
      line.includes("${{") && `puts an expression into a shell line instead of env: ${line}`,
    ]),
);

/** An environment decides who may use its secrets, and from which branch; and only the step that needs one sees it. */
const keepsSecrets: Rule = (workflow) => [
  ...(usesSecrets(workflow.env) ? ["env at the top hands secrets to every job"] : []),
  ...forEachJob(({ environment, ...job }) => [
    environment === undefined && usesSecrets(job) && "uses secrets without an environment",
    usesSecrets(job.env) && "hands secrets to all of its steps: move them to the env of one",
    job.secrets !== undefined && "passes secrets on to another workflow",
  ])(workflow),
];

/** A pull request of a fork gets no secrets: a job that needs them would only fail, so it has to say that it leaves forks out. */
const leavesForksOut: Rule = (workflow) =>
  triggersOf(workflow).includes("pull_request")
    ? forEachJob((job) => [
        usesSecrets(job) &&
          !/event_name == 'schedule'|head\.repo\.full_name == github\.repository/.test(
            JSON.stringify(job["if"] ?? ""),
          ) &&
          "uses secrets on pull requests without leaving out those of forks",
      ])(workflow)
    : [];

/** The token of the checkout would stay readable for everything that runs after it. */
const keepsNoToken: Rule = forEachJob(({ steps }) =>
  steps
    .filter(({ uses }) => uses?.startsWith("actions/checkout@"))
    .map((step) => step.with["persist-credentials"] !== false && "must check out with persist-credentials: false"),
);

const signsOrReleases = (job: Job): boolean => job.environment !== undefined || writesWith(job, "id-token");

/** A cache that any other job could fill must not reach what we sign or release. */
const buildsFromScratch: Rule = forEachJob((job) => [
  signsOrReleases(job) &&
    job.steps.some((step) => "cache" in step.with || step.uses?.startsWith("actions/cache")) &&
    "must not use a cache, because it signs or releases",
  ...job.steps
    .filter(({ uses }) => uses?.startsWith("actions/setup-node@") && signsOrReleases(job))
    .map((step) => step.with["package-manager-cache"] !== false && SWITCH_OFF),
]);

/** setup-node has a cache of its own accord where package.json names npm as the package manager. */
const SWITCH_OFF = "must switch off setup-node's cache (package-manager-cache: false), because it signs or releases";

/** Two releases at once would fight, and half a release is worse than a late one. */
const neverCancelsReleases: Rule = (workflow) => [
  ...(Object.values(workflow.jobs).some(({ environment }) => environment !== undefined) &&
  workflow.concurrency !== undefined
    ? ["concurrency at the top would cancel or hold up releases: set it on their jobs"]
    : []),
  ...forEachJob(({ environment, concurrency }) => [
    environment !== undefined &&
      !(isRecord(concurrency) && concurrency["cancel-in-progress"] === false) &&
      "must have a concurrency group with cancel-in-progress: false",
  ])(workflow),
];

export const RULES: readonly Rule[] = [
  pinsActions,
  startsSafely,
  grantsLittle,
  endsInTime,
  runsNpmScripts,
  keepsSecrets,
  leavesForksOut,
  keepsNoToken,
  buildsFromScratch,
  neverCancelsReleases,
];

/** One commit per action everywhere: actions of one repository (CodeQL's two) must not meet another version of themselves. */
export function mixedVersions(workflows: readonly Workflow[]): readonly string[] {
  const versions = new Map<string, Set<string>>();
  for (const call of workflows.flatMap(callsOf).filter((each) => each.includes("@"))) {
    const [action = "", version = ""] = call.split("@");
    const repository = action.split("/").slice(0, 2).join("/");
    versions.set(repository, (versions.get(repository) ?? new Set()).add(version));
  }
  return [...versions]
    .filter(([, found]) => found.size > 1)
    .map(([repository, found]) => `${repository} is used at ${found.size} different commits`);
}
