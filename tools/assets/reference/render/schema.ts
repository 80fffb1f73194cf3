import { isReference, nameOf, type Reference, type Schema } from "./document.ts";
import { html, joinHtml, type HtmlPart } from "./html.ts";
import { renderInline } from "./markdown.ts";

/** The type in words; named schemas are links to where the page shows them. */
export function describeType(schema: Schema | Reference): HtmlPart {
  if (isReference(schema)) return html`<a href="#schema-${nameOf(schema)}">${nameOf(schema)}</a>`;
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return joinHtml(choices.map(describeType), " or ");
  if (schema.allOf !== undefined) return joinHtml(schema.allOf.map(describeType), " and ");
  if (schema.items !== undefined) return ["array of ", describeType(schema.items)];
  const types = [schema.type ?? "any"].flat().join(" or ");
  return schema.format === undefined ? types : `${types} (${schema.format})`;
}

/** What values must keep to, beyond their type. */
export function describeLimits(schema: Schema): HtmlPart {
  const limits = [
    ...choicesOf(schema),
    ...rangeOf(schema.minLength, schema.maxLength, " characters"),
    ...rangeOf(schema.minimum, schema.maximum, ""),
    ...rangeOf(schema.minItems, schema.maxItems, " items"),
    ...(schema.pattern === undefined ? [] : [html`matches <code>${schema.pattern}</code>`]),
    ...(schema.default === undefined ? [] : [html`default <code>${textOf(schema.default)}</code>`]),
  ];
  return joinHtml(limits, "; ");
}

function choicesOf(schema: Schema): HtmlPart[] {
  const values = schema.const === undefined ? (schema.enum ?? []) : [schema.const];
  if (values.length === 0) return [];
  const codes = values.map((value) => html`<code>${textOf(value)}</code>`);
  return [[values.length === 1 ? "always " : "one of ", joinHtml(codes, ", ")]];
}

function rangeOf(least: number | undefined, most: number | undefined, unit: string): HtmlPart[] {
  if (least !== undefined && most !== undefined) return [`${least} to ${most}${unit}`];
  if (most !== undefined) return [`at most ${most}${unit}`];
  return least === undefined ? [] : [`at least ${least}${unit}`];
}

/** A value as a client would write it: texts as they are, everything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** The fields of an object, those of nested objects and of lists' items below them. */
export function renderFields(schema: Schema | Reference): HtmlPart {
  if (isReference(schema)) return null;
  const own = Object.entries(schema.properties ?? {});
  const isOpen = typeof schema.additionalProperties === "object";
  const fields: (readonly [HtmlPart, Schema | Reference, string])[] = own.map(([name, field]) => [
    html`<code>${name}</code>`,
    field,
    schema.required?.includes(name) === true ? "required" : "optional",
  ]);
  if (isOpen) fields.push(["any name", schema.additionalProperties as Schema | Reference, "optional"]);
  if (fields.length === 0) return schema.items === undefined ? null : renderFields(schema.items);
  return html`<dl class="fields">
    ${fields.map(([name, field, need]) => renderField({ name, need, schema: field }))}
  </dl>`;
}

export interface Field {
  readonly name: HtmlPart;
  /** Whether it has to be there, and where it belongs. */
  readonly need: string;
  readonly schema: Schema | Reference;
  /** Instead of the schema's own. */
  readonly description?: string | undefined;
}

/** One entry of a list of fields, parameters or headers. */
export function renderField({ name, need, schema, description }: Field): HtmlPart {
  const own = isReference(schema) ? {} : schema;
  const text = description ?? own.description;
  const limits = describeLimits(own);
  return html`<div>
    <dt>${name} <span class="type">${describeType(schema)}, ${need}</span></dt>
    ${text === undefined ? null : html`<dd>${renderInline(text)}</dd>`}
    ${isEmpty(limits) ? null : html`<dd class="limits">${limits}</dd>`}
    ${own.example === undefined ? null : html`<dd class="limits">Example: <code>${textOf(own.example)}</code></dd>`}
    ${isReference(schema) || !hasFields(schema) ? null : html`<dd>${renderFields(schema)}</dd>`}
  </div>`;
}

function hasFields(schema: Schema): boolean {
  const { properties, additionalProperties, items } = schema;
  if (properties !== undefined || typeof additionalProperties === "object") return true;
  return items !== undefined && !isReference(items) && hasFields(items);
}

function isEmpty(part: HtmlPart): boolean {
  return Array.isArray(part) && part.length === 0;
}
