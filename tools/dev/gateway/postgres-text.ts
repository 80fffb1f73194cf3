const BOOL = 16;
const INT2 = 21;
const INT4 = 23;
const JSON_TYPE = 114;
const FLOAT4 = 700;
const FLOAT8 = 701;
const JSONB = 3802;
const TEXT = 25;

// Built-in array types by oid; every element type that becomes a JSON string is listed as text.
const ELEMENT_TYPES: ReadonlyMap<number, number> = new Map([
  [1000, BOOL],
  [1005, INT2],
  [1007, INT4],
  [1021, FLOAT4],
  [1022, FLOAT8],
  [199, JSON_TYPE],
  [3807, JSONB],
  ...[143, 1001, 1002, 1003, 1009, 1014, 1015, 1016, 1028, 1041, 1115, 1182, 1183, 1185, 1187, 1231, 1270, 2951].map(
    (oid): [number, number] => [oid, TEXT],
  ),
]);

const VERBATIM_TYPES: ReadonlySet<number> = new Set([INT2, INT4, JSON_TYPE, JSONB]); // Their text is JSON already.

/** Renders one text-format value as JSON text the way the proxy does without raw output; throws on an unbalanced array. */
export function textToJson(text: string, typeId: number): string {
  const elementType = ELEMENT_TYPES.get(typeId);
  if (elementType !== undefined) return arrayToJson(text, elementType);
  if (typeId === BOOL) return text === "t" ? "true" : "false";
  if (VERBATIM_TYPES.has(typeId)) return text;
  const isFloat = typeId === FLOAT4 || typeId === FLOAT8;
  return JSON.stringify(isFloat && Number.isFinite(Number(text)) ? Number(text) : text);
}

function arrayToJson(text: string, elementType: number): string {
  // Bounds such as `[1:1][-2:-1]=` have no place in JSON.
  const reader = { text: text.startsWith("[") ? text.slice(text.indexOf("=") + 1) : text, at: 0 };
  const json = readArray(reader, elementType);
  if (reader.at !== reader.text.length) throw new Error("unbalanced array");
  return json;
}

interface Reader {
  readonly text: string;
  at: number;
}

function readArray(reader: Reader, elementType: number): string {
  const items: string[] = [];
  reader.at += 1;
  while (reader.text[reader.at] !== "}") {
    if (reader.at >= reader.text.length) throw new Error("unbalanced array");
    items.push(readItem(reader, elementType));
    if (reader.text[reader.at] === ",") reader.at += 1;
  }
  reader.at += 1;
  return `[${items.join(",")}]`;
}

function readItem(reader: Reader, elementType: number): string {
  const first = reader.text[reader.at];
  if (first === "{") return readArray(reader, elementType);
  if (first === '"') return textToJson(readQuoted(reader), elementType);
  const start = reader.at;
  while (reader.at < reader.text.length && !",}".includes(reader.text.charAt(reader.at))) reader.at += 1;
  const item = reader.text.slice(start, reader.at);
  return item === "NULL" ? "null" : textToJson(item, elementType);
}

function readQuoted(reader: Reader): string {
  let value = "";
  for (reader.at += 1; reader.text[reader.at] !== '"'; reader.at += 1) {
    if (reader.at >= reader.text.length) throw new Error("unbalanced quoted string");
    if (reader.text[reader.at] === "\\") reader.at += 1;
    value += reader.text.charAt(reader.at);
  }
  reader.at += 1;
  return value;
}
