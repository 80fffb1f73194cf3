import { renderHeaders, renderSchemas } from "./components.ts";
import { renderCredentials } from "./credentials.ts";
import { createResolve, type OpenapiDocument, operationsByTag } from "./document.ts";
import { html, type HtmlPart } from "./html.ts";
import { renderInline, renderMarkdown, type Section, splitSections } from "./markdown.ts";
import { contractId, renderNavigation } from "./navigation.ts";
import { renderOperation } from "./operation.ts";
import { credentialsOf } from "./security.ts";
import type { TryItParts } from "./try-it.ts";

/** The whole reference as one page of HTML, from the text of the OpenAPI document. Throws on what it cannot show. */
export function renderReference(openapi: string): string {
  const document = JSON.parse(openapi) as OpenapiDocument;
  const { title, version, description = "" } = document.info;
  const { introduction, sections } = splitSections(description);
  const parts = { resolve: createResolve(document), credentials: credentialsOf(document) };
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} reference</title>
        <link rel="icon" href="/docs/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/docs/base.css" />
        <link rel="stylesheet" href="/docs/controls.css" />
        <link rel="stylesheet" href="/docs/page.css" />
        <script src="/docs/init.js" type="module"></script>
      </head>
      <body class="reference">
        <a class="skip" href="#operations">Skip to the operations</a>
        <header>
          <h1>${title} <span class="type">${version}</span></h1>
          ${renderMarkdown(introduction)}
        </header>
        ${renderNavigation(document, sections)}
        <main id="operations" tabindex="-1">
          ${renderCredentials(parts.credentials)} ${renderTags(document, parts)} ${renderContract(sections)}
          ${renderSchemas(document)} ${renderHeaders(document)}
        </main>
        ${renderFooter(document)}
      </body>
    </html>`.markup;
}

function renderTags(document: OpenapiDocument, parts: TryItParts): HtmlPart {
  return [...operationsByTag(document)].map(([tag, operations]) => {
    const description = document.tags?.find(({ name }) => name === tag)?.description;
    return html`<section id="tag-${tag}">
      <h2>${tag}</h2>
      ${description === undefined ? null : html`<p>${renderInline(description)}</p>`}
      ${operations.map((operation) => renderOperation(operation, parts))}
    </section>`;
  });
}

/** What holds for all operations: the prose of the document, each part under its own heading. */
function renderContract(sections: readonly Section[]): HtmlPart {
  if (sections.length === 0) return null;
  return html`<section id="contract">
    <h2>The contract</h2>
    ${sections.map(
      (section) =>
        html`<section id="${contractId(section)}" class="prose" tabindex="-1">
          <h3>${section.title}</h3>
          ${renderMarkdown(section.text)}
        </section>`,
    )}
  </section>`;
}

function renderFooter({ info: { license } }: OpenapiDocument): HtmlPart {
  return html`<footer>
    <p>
      <a href="/openapi.json">OpenAPI document</a>${
        license === undefined ? null : html` · <a href="/docs/LICENSE.txt">Licence: ${license.name}</a>`
      }
    </p>
  </footer>`;
}
