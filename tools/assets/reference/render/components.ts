import type { OpenapiDocument } from "./document.ts";
import { html, type HtmlPart } from "./html.ts";
import { renderMarkdown } from "./markdown.ts";
import { describeLimits, describeType, renderField, renderFields } from "./schema.ts";

/** Every named schema; its name is the end of its address. */
export function renderSchemas({ components }: OpenapiDocument): HtmlPart {
  const schemas = Object.entries(components?.schemas ?? {});
  if (schemas.length === 0) return null;
  return html`<section id="schemas" aria-labelledby="schemas-title" tabindex="-1">
    <h2 id="schemas-title">Schemas</h2>
    ${schemas.map(
      ([name, schema]) =>
        html`<section id="schema-${name}" class="schema" tabindex="-1">
          <h3>${name} <span class="type">${describeType(schema)}</span></h3>
          ${renderMarkdown(schema.description ?? "")}
          <p class="limits">${describeLimits(schema)}</p>
          ${renderFields(schema)}
        </section>`,
    )}
  </section>`;
}

/** Every named header of responses. */
export function renderHeaders({ components }: OpenapiDocument): HtmlPart {
  const headers = Object.entries(components?.headers ?? {});
  if (headers.length === 0) return null;
  return html`<section id="headers" aria-labelledby="headers-title" tabindex="-1">
    <h2 id="headers-title">Response headers</h2>
    <dl class="fields">
      ${headers.map(([name, { description, required = false, schema = {}, example }]) =>
        renderField({
          name: html`<code id="header-${name}">${name}</code>`,
          need: required ? "always" : "where it applies",
          schema: example === undefined ? schema : { ...schema, example },
          description,
        }),
      )}
    </dl>
  </section>`;
}
