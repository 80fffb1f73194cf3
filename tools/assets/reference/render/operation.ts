import type { PlacedOperation, RequestBody, Resolve } from "./document.ts";
import { renderExamples } from "./examples.ts";
import { html, type HtmlPart } from "./html.ts";
import { renderInline, renderMarkdown } from "./markdown.ts";
import { renderResponses } from "./responses.ts";
import { describeType, renderField } from "./schema.ts";
import { renderTryIt, type TryItParts } from "./try-it.ts";

/** Everything about one operation; its id is the operation's, so that `/docs#listUsers` leads here. */
export function renderOperation(operation: PlacedOperation, parts: TryItParts): HtmlPart {
  const { operationId: id, method, path, deprecated = false } = operation;
  return html`<article id="${id}" aria-labelledby="${id}-title" tabindex="-1">
    <h3 id="${id}-title"><a href="#${id}">${titleOf(operation)}</a></h3>
    <p class="endpoint">${renderMethod(method)} <code>${path}</code></p>
    ${deprecated ? html`<p><strong>Deprecated: it will go.</strong></p>` : null}
    ${renderMarkdown(operation.description ?? "")} ${renderTryIt(operation, parts)}
    ${renderParameters(operation, parts.resolve)} ${renderRequestBody(operation, parts.resolve)}
    ${renderResponses(operation, parts.resolve)}
  </article>`;
}

export function titleOf({ summary, operationId }: PlacedOperation): string {
  return summary ?? operationId;
}

export function renderMethod(method: string): HtmlPart {
  return html`<span class="method method-${method.toLowerCase()}">${method}</span>`;
}

function renderParameters({ parameters = [] }: PlacedOperation, resolve: Resolve): HtmlPart {
  if (parameters.length === 0) return null;
  return html`<h4>Parameters</h4>
    <dl class="fields">
      ${parameters
        .map((each) => resolve(each))
        .map(({ name, in: place, required = false, description, schema = {} }) =>
          renderField({
            name: html`<code>${name}</code>`,
            need: `in ${place}, ${required ? "required" : "optional"}`,
            schema,
            description,
          }),
        )}
    </dl>`;
}

function renderRequestBody({ requestBody }: PlacedOperation, resolve: Resolve): HtmlPart {
  if (requestBody === undefined) return null;
  const { description, required = false, content } = resolve<RequestBody>(requestBody);
  const types = Object.entries(content);
  const [, first = {}] = types[0] ?? [];
  return html`<h4>Request body</h4>
    <p>${description === undefined ? null : renderInline(description)} ${required ? "Required." : "Optional."}</p>
    <ul>
      ${types.map(
        ([type, { schema }]) =>
          html`<li><code>${type}</code>${schema === undefined ? null : [": ", describeType(schema)]}</li>`,
      )}
    </ul>
    <details>
      <summary>Examples</summary>
      ${renderExamples(first, resolve)}
    </details>`;
}
