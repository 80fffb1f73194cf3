import type { MediaType, Parameter, Resolve, Schema } from "./document.ts";
import { html, type HtmlPart } from "./html.ts";
import { textOf } from "./schema.ts";

export interface NamedExample {
  readonly title: string;
  readonly value: unknown;
}

/** Every example of a body; one without a name of its own is called "Example". */
export function examplesOf({ example, examples }: MediaType, resolve: Resolve): NamedExample[] {
  const named = Object.entries(examples ?? {}).map(([name, each]) => {
    const { summary, value } = resolve(each);
    return { title: summary ?? name, value };
  });
  return example === undefined ? named : [{ title: "Example", value: example }, ...named];
}

/** As a client would write it, JSON with line breaks. */
export function bodyText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}

export function renderExamples(media: MediaType, resolve: Resolve): HtmlPart {
  return examplesOf(media, resolve).map(
    ({ title, value }) =>
      html`<figure>
        <figcaption>${title}${problemLink(value)}</figcaption>
        <pre><code>${bodyText(value)}</code></pre>
      </figure>`,
  );
}

/** Problems say themselves where they are explained. */
function problemLink(value: unknown): HtmlPart {
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  const { type } = value;
  if (typeof type !== "string" || !type.startsWith("/problems/")) return null;
  return html`: <a href="${type}">what it means, what to do</a>`;
}

/** What a form starts with: only what a request cannot do without. */
export function initialValue({ required = false }: Parameter, { example }: Schema): string {
  return required && example !== undefined ? textOf(example) : "";
}
