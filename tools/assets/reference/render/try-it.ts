import { toCurl } from "../page/curl.js";
import { prepareRequest } from "../page/request.js";
import type { Parameter, PlacedOperation, RequestBody, Resolve, Schema } from "./document.ts";
import { bodyText, examplesOf, initialValue } from "./examples.ts";
import { html, type HtmlPart } from "./html.ts";
import { renderInline } from "./markdown.ts";
import { textOf } from "./schema.ts";
import { type Credential, schemesOf } from "./security.ts";

/** Stands in commands for the address of the service, which is known when somebody opens the page. */
const ORIGIN_BEFORE_SCRIPTS = "https://your-service.example";

export interface TryItParts {
  readonly resolve: Resolve;
  readonly credentials: readonly Credential[];
}

/** The form of an operation, its command line, and room for the answer. Without scripts, the command is what there is. */
export function renderTryIt(operation: PlacedOperation, { resolve, credentials }: TryItParts): HtmlPart {
  const { operationId: id, method, path } = operation;
  const schemes = schemesOf(operation);
  const parameters = (operation.parameters ?? []).map((each) => resolve(each));
  const body = operation.requestBody === undefined ? null : resolve(operation.requestBody);
  return html`<details class="try">
    <summary>Try it</summary>
    <form
      hidden
      aria-label="Try ${method} ${path}"
      autocomplete="off"
      data-method="${method}"
      data-path="${path}"
      data-schemes="${schemes.join(" ")}"
    >
      ${
        schemes.length === 0
          ? html`<p>Open to everybody: credentials are not sent.</p>`
          : html`<p>Sent with your <a href="#credentials">credentials</a>.</p>`
      }
      ${parameters.map((parameter) => renderInput(id, parameter, resolve))}
      ${body === null ? null : renderBodyInputs(id, body, resolve)}
      <button type="submit">Send request</button>
    </form>
    <p class="answer-status" role="status" data-part="status"></p>
    <div data-part="answer" hidden>
      <pre id="${id}-answer" data-part="answer-body"></pre>
      <button type="button" class="copy" hidden data-copies="${id}-answer">Copy the body</button>
      <details>
        <summary>Response headers</summary>
        <pre data-part="headers"></pre>
      </details>
    </div>
    <p class="label">As a command</p>
    <pre id="${id}-curl">${commandOf(operation, parameters, { body, resolve, credentials })}</pre>
    <button type="button" class="copy" hidden data-copies="${id}-curl">Copy the command</button>
  </details>`;
}

function renderInput(id: string, parameter: Parameter, resolve: Resolve): HtmlPart {
  const { name, required = false, description = "" } = parameter;
  if (parameter.in === "cookie") throw new Error(`The reference page cannot send the cookie "${name}" of ${id}.`);
  const schema = resolve<Schema>(parameter.schema ?? {});
  const field = `${id}-${parameter.in}-${name}`;
  const hint =
    required || schema.example === undefined ? null : [" Example: ", html`<code>${textOf(schema.example)}</code>`];
  return html`<div class="input">
    <label for="${field}"
      ><code>${name}</code> <span class="type">${parameter.in}${required ? ", required" : ""}</span></label
    >
    ${renderControl(field, parameter, schema)}
    <p class="hint" id="${field}-hint">${renderInline(description)}${hint}</p>
  </div>`;
}

function renderControl(field: string, parameter: Parameter, schema: Schema): HtmlPart {
  const { name, in: place, required = false } = parameter;
  const need = required ? html` required` : null;
  if (schema.enum === undefined) {
    const value = initialValue(parameter, schema);
    return html`<input
      id="${field}"
      name="${name}"
      data-in="${place}"
      aria-describedby="${field}-hint"
      autocapitalize="off"
      autocomplete="off"
      spellcheck="false"
      value="${value}"
      ${need}
    />`;
  }
  return html`<select id="${field}" name="${name}" data-in="${place}" aria-describedby="${field}-hint" ${need}>
    ${required ? null : html`<option value="">not sent</option>`}
    ${schema.enum.map((value) => html`<option>${textOf(value)}</option>`)}
  </select>`;
}

function renderBodyInputs(id: string, { content, description = "" }: RequestBody, resolve: Resolve): HtmlPart {
  const types = Object.keys(content);
  const examples = examplesOf(Object.values(content)[0] ?? {}, resolve).map((each) => ({
    ...each,
    text: bodyText(each.value),
  }));
  const first = examples[0]?.text ?? "";
  return html`<div class="input">
      <label for="${id}-media-type">Content-Type</label>
      <select id="${id}-media-type" data-part="media-type">
        ${types.map((type) => html`<option>${type}</option>`)}
      </select>
    </div>
    ${
      examples.length < 2
        ? null
        : html`<div class="input">
            <label for="${id}-example">Example</label>
            <select id="${id}-example" data-part="example">
              ${examples.map(({ title, text }) => html`<option value="${text}">${title}</option>`)}
            </select>
          </div>`
    }
    <div class="input">
      <label for="${id}-body">Body</label>
      <textarea
        id="${id}-body"
        data-part="body"
        rows="${first.split("\n").length + 1}"
        aria-describedby="${id}-body-hint"
        autocapitalize="off"
        spellcheck="false"
      >
${first}</textarea>
      <p class="hint" id="${id}-body-hint">${renderInline(description)}</p>
    </div>`;
}

interface CommandParts extends TryItParts {
  readonly body: RequestBody | null;
}

function commandOf(operation: PlacedOperation, parameters: readonly Parameter[], parts: CommandParts): string {
  const { body, resolve, credentials } = parts;
  const [mediaType = null, media = {}] = Object.entries(body?.content ?? {})[0] ?? [];
  const [scheme] = schemesOf(operation);
  const request = prepareRequest({
    method: operation.method,
    path: operation.path,
    fields: parameters.flatMap((parameter) => {
      const { name, in: place } = parameter;
      const value = initialValue(parameter, resolve<Schema>(parameter.schema ?? {}));
      return place === "cookie" ? [] : [{ in: place, name, value }];
    }),
    mediaType,
    body: body === null ? null : bodyText(examplesOf(media, resolve)[0]?.value ?? ""),
    credentials: credentials.filter((each) => each.scheme === scheme).map((each) => ({ ...each, value: "" })),
  });
  return toCurl(request, ORIGIN_BEFORE_SCRIPTS);
}
