import type { ExpositionFormat } from "./exposition.ts";

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * OpenMetrics where `Accept` asks for its version 1.0 at least as much as for text (RFC 9110 section 12.5.1); Prometheus's own
 * format in every other case, also for people and for a header that makes no sense.
 */
export function chooseFormat(accept: string | null): ExpositionFormat {
  const ranges = (accept ?? "").split(",").map(parseRange);
  const openMetrics = weightOf(
    ranges.filter(
      ({ type, parameters }) =>
        type === "application/openmetrics-text" && ["1.0.0", undefined].includes(parameters.get("version")),
    ),
  );
  const text = weightOf(
    ranges.filter(
      ({ type, parameters }) => type === "text/plain" && ["0.0.4", undefined].includes(parameters.get("version")),
    ),
  );
  return openMetrics > 0 && openMetrics >= text ? "openmetrics" : "prometheus";
}

function parseRange(text: string): MediaRange {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  return {
    type,
    parameters: new Map(
      parameters.map((parameter) => {
        const [name = "", value = ""] = parameter.split("=");
        return [name.trim(), value.trim().replace(/^"(.*)"$/, "$1")];
      }),
    ),
  };
}

function weightOf(ranges: readonly MediaRange[]): number {
  return Math.max(0, ...ranges.map(({ parameters }) => readWeight(parameters.get("q") ?? "1")));
}

function readWeight(text: string): number {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
