import { parser } from "@prometheus-io/lezer-promql";

/** Names of series, each with the names of its labels. */
export type Catalogue = ReadonlyMap<string, ReadonlySet<string>>;

export interface CheckedQuery {
  /** What is wrong, one sentence each: syntax, series that nobody exposes, labels that they do not have. */
  readonly problems: readonly string[];
  /** Labels of the result; null of a scalar, or when that is not known. */
  readonly labels: ReadonlySet<string> | null;
}

/**
 * Checks a query by Prometheus's own grammar (the package of its web interface) against what is exposed. Labels are followed through
 * functions, aggregations and operators as prometheus.io/docs/prometheus/latest/querying describes them.
 */
export function checkQuery(query: string, catalogue: Catalogue): CheckedQuery {
  const checker = new QueryChecker(query, catalogue);
  const top = parser.parse(query).topNode;
  return { labels: checker.labelsOf(top), problems: [...syntaxErrors(query, top), ...checker.problems] };
}

type Node = ReturnType<typeof parser.parse>["topNode"];
type Labels = ReadonlySet<string> | null;

const NO_LABELS: ReadonlySet<string> = new Set();

class QueryChecker {
  readonly problems: string[] = [];
  readonly #query: string;
  readonly #catalogue: Catalogue;

  constructor(query: string, catalogue: Catalogue) {
    this.#query = query;
    this.#catalogue = catalogue;
  }

  labelsOf(node: Node): Labels {
    if (node.name === "VectorSelector") return this.#selector(node);
    if (node.name === "AggregateExpr") return this.#aggregate(node);
    if (node.name === "FunctionCall") return this.#call(node);
    if (node.name === "BinaryExpr") return this.#binary(node);
    // Parentheses, ranges, offsets and signs change no label.
    return union(childrenOf(node).map((child) => this.labelsOf(child)));
  }

  #selector(node: Node): Labels {
    const matchers = childrenOf(node.getChild("LabelMatchers")).map((matcher) => ({
      label: this.#unquoted(matcher.getChild("LabelName") ?? matcher.getChild("QuotedLabelName")),
      value: this.#unquoted(matcher.getChild("StringLiteral")),
    }));
    const identifier = node.getChild("Identifier");
    const named = matchers.find(({ label }) => label === "__name__")?.value ?? "";
    const name = identifier === null ? named : this.#text(identifier);
    const labels = this.#catalogue.get(name);
    if (labels === undefined) {
      this.problems.push(`nobody exposes the series ${name === "" ? this.#text(node) : name}`);
      return null;
    }
    const used = matchers.map(({ label }) => label).filter((label) => label !== "__name__");
    this.#expect(used, labels, `${name} has`);
    return labels;
  }

  #aggregate(node: Node): Labels {
    const inner = union(childrenOf(node.getChild("FunctionCallBody")).map((child) => this.labelsOf(child)));
    const operator = this.#text(node.getChild("AggregateOp"));
    const modifier = node.getChild("AggregateModifier");
    const grouping = this.#grouping(modifier);
    if (inner !== null) this.#expect(grouping, inner, `what ${operator} sums up has`);
    if (/^(?:topk|bottomk|limitk|limit_ratio)$/.test(operator)) return inner;
    if (modifier?.getChild("Without")) return new Set([...(inner ?? [])].filter((label) => !grouping.includes(label)));
    return new Set(grouping);
  }

  #call(node: Node): Labels {
    const name = this.#text(node.getChild("FunctionIdentifier"));
    const body = node.getChild("FunctionCallBody");
    const inner = union(childrenOf(body).map((child) => this.labelsOf(child)));
    if (/^(?:vector|absent|absent_over_time)$/.test(name)) return NO_LABELS;
    if (/^(?:scalar|time|pi)$/.test(name) || inner === null) return null;
    if (name === "histogram_quantile") {
      this.#expect(["le"], inner, "what histogram_quantile is given has");
      return new Set([...inner].filter((label) => label !== "le"));
    }
    if (name !== "label_replace") return inner;
    const [added = "", , source = ""] = (body?.getChildren("StringLiteral") ?? []).map((text) => this.#unquoted(text));
    this.#expect([source], inner, "what label_replace is given has");
    return new Set([...inner, added]);
  }

  #binary(node: Node): Labels {
    const isOperand = ({ name }: Node): boolean => /Expr|Call|Selector|Literal/.test(name);
    const operands = childrenOf(node).filter(isOperand);
    const [left = null, right = null] = operands.map((operand) => this.labelsOf(operand));
    if (left === null || right === null) return left ?? right;
    return this.#combine(node, left, right);
  }

  #combine(node: Node, left: ReadonlySet<string>, right: ReadonlySet<string>): ReadonlySet<string> {
    const clause = node.getChild("MatchingModifierClause");
    const [matching = [], added = []] = childrenOf(clause, "GroupingLabels").map((list) => this.#names(list));
    const isOn = childrenOf(clause, "On").length > 0;
    this.#expectMatch(left, right, { isOn, matching, node });
    if (node.getChild("Or")) return new Set([...left, ...right]);
    if (node.getChild("And") || node.getChild("Unless")) return left;
    const many = manySide(clause, left, right);
    if (many !== null) return new Set([...many, ...added]);
    return isOn ? new Set(matching) : new Set([...left].filter((label) => !matching.includes(label)));
  }

  /** Series match only when all their labels do: other names of labels on one side, and the result is empty for ever. */
  #expectMatch(left: ReadonlySet<string>, right: ReadonlySet<string>, { isOn, matching, node }: Match): void {
    if (isOn) {
      for (const side of [left, right]) this.#expect(matching, side, "a side of on () has");
    } else if (!node.getChild("Or")) {
      const onlyIn = (one: ReadonlySet<string>, other: ReadonlySet<string>) => [...one].filter((l) => !other.has(l));
      const different = [...onlyIn(left, right), ...onlyIn(right, left)].filter((label) => !matching.includes(label));
      if (different.length === 0) return;
      this.problems.push(`no series match: one side alone has ${different.join(", ")} in ${this.#text(node)}`);
    }
  }

  #expect(wanted: readonly string[], labels: ReadonlySet<string>, who: string): void {
    for (const label of wanted) if (!labels.has(label)) this.problems.push(`${who} no label ${label}`);
  }

  #grouping(modifier: Node | null): string[] {
    return this.#names(modifier?.getChild("GroupingLabels") ?? null);
  }

  #names(list: Node | null): string[] {
    return childrenOf(list).map((label) => this.#unquoted(label));
  }

  #text(node: Node | null): string {
    return node === null ? "" : this.#query.slice(node.from, node.to);
  }

  #unquoted(node: Node | null): string {
    return this.#text(node).replaceAll(/^["'`]|["'`]$/g, "");
  }
}

interface Match {
  readonly isOn: boolean;
  /** What `on` or `ignoring` names. */
  readonly matching: readonly string[];
  readonly node: Node;
}

/** Of the vectors beside an operator that one with many series for each of the other's; null when each has one. */
function manySide(clause: Node | null, left: ReadonlySet<string>, right: ReadonlySet<string>) {
  if (clause?.getChild("GroupLeft")) return left;
  return clause?.getChild("GroupRight") ? right : null;
}

function childrenOf(node: Node | null, name?: string): Node[] {
  const children: Node[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) children.push(child);
  return name === undefined ? children : children.filter((child) => child.name === name);
}

function union(sets: readonly Labels[]): Labels {
  const known = sets.filter((labels) => labels !== null);
  return known.length === 0 ? null : new Set(known.flatMap((labels) => [...labels]));
}

function syntaxErrors(query: string, top: Node): string[] {
  const errors: string[] = [];
  top.cursor().iterate(({ type, from }) => {
    if (type.isError) errors.push(`this is no PromQL, from here: ${query.slice(from) || "(its end)"}`);
  });
  return errors;
}
