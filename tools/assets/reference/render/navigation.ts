import { type OpenapiDocument, operationsByTag, operationsOf, type PlacedOperation } from "./document.ts";
import { html, type HtmlPart } from "./html.ts";
import type { Section } from "./markdown.ts";
import { renderMethod, titleOf } from "./operation.ts";

/** The end of a section's address. */
export function contractId({ title }: Section): string {
  return `contract-${title.toLowerCase().replaceAll(/[^\da-z]+/g, "-")}`;
}

/** A link to every operation, and behind them to the contract's sections and the schemas. */
export function renderNavigation(document: OpenapiDocument, sections: readonly Section[]): HtmlPart {
  const operationsByTitle = Map.groupBy(operationsOf(document), titleOf);
  /** Links with the same words would not say where each leads. */
  const isAmbiguous = (operation: PlacedOperation): boolean =>
    (operationsByTitle.get(titleOf(operation))?.length ?? 0) > 1;
  const schemas = Object.keys(document.components?.schemas ?? {});
  return html`<nav aria-label="Contents">
    ${[...operationsByTag(document)].map(
      ([tag, operations]) =>
        html`<p class="label">${tag}</p>
          <ul>
            ${operations.map(
              (operation) =>
                html`<li>
                  <a href="#${operation.operationId}"
                    >${renderMethod(operation.method)}
                    <span
                      >${titleOf(operation)}${isAmbiguous(operation) ? html` <code>${operation.path}</code>` : null}</span
                    ></a
                  >
                </li>`,
            )}
          </ul>`,
    )}
    ${renderGroup(
      "The contract",
      sections.map((section) => [contractId(section), section.title] as const),
    )}
    ${renderGroup("Schemas", [
      ...schemas.map((name) => [`schema-${name}`, name] as const),
      ["headers", "Response headers"] as const,
    ])}
  </nav>`;
}

function renderGroup(title: string, links: readonly (readonly [id: string, text: string])[]): HtmlPart {
  return html`<details>
    <summary>${title}</summary>
    <ul>
      ${links.map(([id, text]) => html`<li><a href="#${id}">${text}</a></li>`)}
    </ul>
  </details>`;
}
