import {
  isReference,
  nameOf,
  type Header,
  type PlacedOperation,
  type Reference,
  type Resolve,
  type Response,
} from "./document.ts";
import { renderExamples } from "./examples.ts";
import { html, joinHtml, type HtmlPart } from "./html.ts";
import { renderInline } from "./markdown.ts";
import { describeType } from "./schema.ts";

/** Every response of an operation, each behind its status. */
export function renderResponses({ responses }: PlacedOperation, resolve: Resolve): HtmlPart {
  return html`<h4>Responses</h4>
    ${Object.entries(responses).map(([status, response]) => renderResponse(status, resolve(response), resolve))}`;
}

function renderResponse(status: string, response: Response, resolve: Resolve): HtmlPart {
  const headers = Object.entries(response.headers ?? {});
  return html`<details class="response">
    <summary>
      <span class="status status-${status.slice(0, 1)}">${status}</span> ${renderInline(response.description)}
    </summary>
    ${Object.entries(response.content ?? {}).map(([type, media]) => [
      html`<p><code>${type}</code>${media.schema === undefined ? null : [": ", describeType(media.schema)]}</p>`,
      renderExamples(media, resolve),
    ])}
    ${headers.length === 0 ? null : html`<p>Headers: ${joinHtml(headers.map(headerLink), ", ")}</p>`}
  </details>`;
}

/** Headers are the same in most responses, so the page explains each once. */
function headerLink([name, header]: [string, Header | Reference]): HtmlPart {
  if (isReference(header)) return html`<a href="#header-${nameOf(header)}"><code>${name}</code></a>`;
  return [
    html`<code>${name}</code>`,
    header.description === undefined ? null : [" (", renderInline(header.description), ")"],
  ];
}
