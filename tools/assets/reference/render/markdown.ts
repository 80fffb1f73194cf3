import { html, type Html, type HtmlPart } from "./html.ts";

/** One part of a text, under a heading of its own. */
export interface Section {
  readonly title: string;
  readonly text: string;
}

/** Splits a text at its headings of the second level; what stands before the first one is the introduction. */
export function splitSections(text: string): { readonly introduction: string; readonly sections: readonly Section[] } {
  const [introduction = "", ...rest] = text.split(/^## +/m);
  const sections = rest.map((part) => {
    const [title = "", ...lines] = part.split("\n");
    return { title: title.trim(), text: lines.join("\n").trim() };
  });
  return { introduction: introduction.trim(), sections };
}

/** Paragraphs and lists: the part of Markdown that descriptions of this API are written in. */
export function renderMarkdown(text: string): HtmlPart {
  return blocksOf(text).map((block) =>
    block.kind === "list"
      ? html`<ul>
          ${block.texts.map((item) => html`<li>${renderInline(item)}</li>`)}
        </ul>`
      : html`<p>${renderInline(block.texts.join(" "))}</p>`,
  );
}

interface Block {
  readonly kind: "paragraph" | "list";
  /** Lines of a paragraph, or items of a list. */
  readonly texts: string[];
}

function blocksOf(text: string): Block[] {
  return text
    .split(/\n[ \t]*\n/)
    .flatMap((part) => blocksWithin(part.split("\n").filter((line) => line.trim() !== "")));
}

/** Lines without an empty one between them: a paragraph, a list, or a paragraph with its list. */
function blocksWithin(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (const line of lines) {
    const item = /^[-*] +(.*)$/.exec(line)?.[1];
    const last = blocks.at(-1);
    if (item !== undefined && last?.kind === "list") last.texts.push(item);
    else if (item !== undefined) blocks.push({ kind: "list", texts: [item] });
    else if (last === undefined) blocks.push({ kind: "paragraph", texts: [line.trim()] });
    else last.texts.push(`${last.texts.pop() ?? ""} ${line.trim()}`);
  }
  return blocks;
}

const INLINE =
  /`(?<code>[^`]+)`|\*\*(?<strong>[^*]+)\*\*|\[(?<label>[^\]]+)\]\((?<address>(?:\/|#|https:\/\/)[^)\s]*)\)/g;

/** Code, strong text and links, within one paragraph; an address of another kind stays text. */
export function renderInline(text: string): HtmlPart {
  const parts: (Html | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const { code, strong, label, address } = match.groups ?? {};
    parts.push(text.slice(end, match.index));
    if (code !== undefined) parts.push(html`<code>${code}</code>`);
    else if (strong !== undefined) parts.push(html`<strong>${strong}</strong>`);
    else parts.push(html`<a href="${address ?? ""}">${label ?? ""}</a>`);
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}
