/** What whoever develops the Worker is told when it cannot start: names of variables and what to do, never a value. */
export interface ConfigurationHelp {
  /** One paragraph, as short as the `detail` of a problem has to be. */
  readonly detail: string;
  /** Some lines for a console. */
  readonly words: string;
}

/** How much of a problem's `detail` the variables may take, so that the advice still fits. */
const MAX_FINDINGS_LENGTH = 250;

const DATABASE_LINE = "DATABASE_URL=postgresql://USER:PASSWORD@HOST/DATABASE";

/** @param findings a text for each variable, starting with its name */
export function explainConfiguration(findings: readonly string[]): ConfigurationHelp {
  const lacksDatabase = findings.some((finding) => finding.startsWith("DATABASE_"));
  const advice = lacksDatabase
    ? `\`npm start\` brings a database; to use another one, put ${DATABASE_LINE} into .dev.vars.`
    : "Correct it where it is set: in .dev.vars, wrangler.toml or your shell.";
  return {
    detail: `The configuration of this Worker is not valid: ${enumerate(findings)}. ${advice}`,
    words: [
      "The users API cannot work yet: its configuration is not valid.",
      "",
      ...findings.map((finding) => `  ${finding}`),
      "",
      ...(lacksDatabase ? DATABASE_WORDS : OTHER_WORDS),
    ].join("\n"),
  };
}

const DATABASE_WORDS = [
  "npm start runs the API with a database that it brings. To use another one with wrangler, put it into a file named .dev.vars",
  "beside wrangler.toml:",
  "",
  `  ${DATABASE_LINE}`,
  "  # only when Neon does not host it: what speaks Neon's SQL-over-HTTP protocol for it",
  "  DATABASE_FETCH_ENDPOINT=https://HOST/sql",
  "",
  "Then start wrangler again. .dev.vars.example explains every variable.",
];

const OTHER_WORDS = [
  "Correct it where it is set: in .dev.vars, wrangler.toml or your shell; then start again. .dev.vars.example explains every variable.",
];

/** As many as there is room for, and how many more there are. */
function enumerate(findings: readonly string[]): string {
  const told = findings.filter(
    (_, place) => place === 0 || findings.slice(0, place + 1).join("; ").length <= MAX_FINDINGS_LENGTH,
  );
  const rest = findings.length - told.length;
  return rest === 0 ? told.join("; ") : `${told.join("; ")}; and ${rest} more, which the console names`;
}
