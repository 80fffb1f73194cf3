/** Markup that may go into a page as it is; made by `html` alone. */
export interface Html {
  readonly markup: string;
}

export type HtmlPart = Html | string | number | null | readonly HtmlPart[];

/** A template whose values are escaped, for text and for attributes in quotes. Lists are joined; null is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  const texts = strings.map((text, index) => text + toMarkup(values[index] ?? null));
  return { markup: texts.join("") };
}

function toMarkup(part: HtmlPart): string {
  if (part === null) return "";
  if (isList(part)) return part.map(toMarkup).join("");
  return typeof part === "object" ? part.markup : escape(String(part));
}

function isList(part: HtmlPart): part is readonly HtmlPart[] {
  return Array.isArray(part);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** The parts with a separator between each two. */
export function joinHtml(parts: readonly HtmlPart[], separator: string): HtmlPart {
  return parts.map((part, index) => (index === 0 ? part : [separator, part]));
}
