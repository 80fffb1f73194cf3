/** In every comment of ours, invisible: the next one finds it and takes its place. */
export const MARKER = "<!-- users-api preview -->";

/** What a comment on a pull request says. */
export type PreviewState =
  | { readonly kind: "ready"; readonly url: string; readonly versionId: string; readonly summary: string }
  | { readonly kind: "failed"; readonly url: string | null }
  | { readonly kind: "gone" };

/** The comment as Markdown; it holds no secret and no error text. */
export function formatComment(state: PreviewState, commit: string | null): string {
  const of = commit === null ? "" : ` of ${commit.slice(0, 8)}`;
  switch (state.kind) {
    case "ready":
      return `${MARKER}\n**Preview**${of}: ${state.url}\n\nVersion \`${state.versionId}\`, with a database of its own; ${state.summary}. The API key is the one of the environment \`preview\`.`;
    case "failed":
      return `${MARKER}\n**Preview**${of} failed: see the log of the workflow.${state.url === null ? "" : ` ${state.url}`}`;
    case "gone":
      return `${MARKER}\n**Preview**: its database is deleted, its address answers with errors from now on.`;
  }
}
