import { html, type HtmlPart } from "./html.ts";
import { renderInline } from "./markdown.ts";
import type { Credential } from "./security.ts";

/** Where the reader enters credentials, once for all forms. They stay in these fields, and go with the page. */
export function renderCredentials(credentials: readonly Credential[]): HtmlPart {
  if (credentials.length === 0) return null;
  return html`<details id="credentials" hidden>
    <summary>Credentials</summary>
    <p>For the operations that need them. They stay in these fields, and are gone with the page.</p>
    ${credentials.map(renderCredential)}
  </details>`;
}

function renderCredential({ scheme, label, description, header, prefix }: Credential): HtmlPart {
  const field = `credential-${scheme}`;
  return html`<div class="input">
    <label for="${field}">${label}</label>
    <input
      id="${field}"
      type="password"
      aria-describedby="${field}-hint"
      autocomplete="off"
      data-scheme="${scheme}"
      data-header="${header}"
      data-prefix="${prefix}"
    />
    <p class="hint" id="${field}-hint">${renderInline(description)}</p>
  </div>`;
}
