import type { RequestRow, Row, Summary } from "./summary.ts";
import { type Column, formatTable, wrap } from "./table.ts";

export interface ViewOptions {
  /** Of the terminal. */
  readonly columns: number;
  /** As `12:34:56`. */
  readonly time: string;
  /** Where the metrics are from. */
  readonly url: string;
}

const GAP = "   ";

/** The last finite bound of the histograms: longer than this is all that is known there. */
const LAST_BOUND_SECONDS = 10;

/** What happened between two scrapes, as lines that fit the width. */
export function formatView(summary: Summary, { columns, time, url }: ViewOptions): string[] {
  const { seconds, counted, total, routes, versions, statements } = summary;
  const head = [time, url, `last ${seconds.toFixed(1)} s`, `${counted.toLocaleString("en")} requests counted in all`];
  const quiet = `No requests in these ${seconds.toFixed(1)} s.`;
  const table = (title: string, rows: readonly RequestRow[]) =>
    formatTable(requestColumns(title), rows.map(requestCells), columns);
  return [
    ...wrap(head, GAP, columns),
    "",
    ...wrap(formatEvents(summary), GAP, columns),
    "",
    ...(routes.length === 0 ? [quiet] : table("ROUTE", [...routes, ...(routes.length > 1 ? [total] : [])])),
    ...(versions.length === 0 ? [] : ["", ...table("VERSION", versions)]),
    ...(statements.length === 0
      ? []
      : ["", ...formatTable(rowColumns("STATEMENT"), statements.map(rowCells), columns)]),
  ];
}

function formatEvents({ breakers, events, total }: Summary): string[] {
  const limited = `429: ${formatShare(total.rateLimited)}`;
  const states = `breakers: ${breakers.open} open, ${breakers.halfOpen} half-open, ${events.breakersOpened} opened`;
  const database = `database: ${events.databaseErrors} errors, ${events.databaseRetries} retries, ${events.loadShed} shed`;
  return [limited, states, database, `measurements lost: ${events.measurementsLost}`];
}

const NUMBERS = ["req/s", "5xx", "4xx", "429"] as const;
const QUANTILES = ["p50", "p95", "p99"] as const;

const name = (title: string): Column => ({ title, align: "left" });
const number = (title: string): Column => ({ title, align: "right" });

const requestColumns = (title: string): Column[] => [name(title), ...NUMBERS.map(number), ...QUANTILES.map(number)];
const rowColumns = (title: string): Column[] => [name(title), number("per s"), ...QUANTILES.map(number)];

function requestCells(row: RequestRow): string[] {
  const shares = [row.serverErrors, row.clientErrors, row.rateLimited].map(formatShare);
  return [row.name, formatRate(row.perSecond), ...shares, ...quantileCells(row)];
}

const rowCells = (row: Row): string[] => [row.name, formatRate(row.perSecond), ...quantileCells(row)];

const quantileCells = ({ p50, p95, p99 }: Row): string[] => [p50, p95, p99].map(formatSeconds);

const formatRate = (perSecond: number): string => perSecond.toFixed(perSecond < 100 ? 1 : 0);

/** A share that is not 0 never reads as 0. */
export function formatShare(share: number): string {
  if (share === 0) return "0 %";
  return share < 0.000_5 ? "<0.1 %" : `${(share * 100).toFixed(1)} %`;
}

export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return "-";
  if (seconds >= LAST_BOUND_SECONDS) return `>${LAST_BOUND_SECONDS} s`;
  return seconds < 1 ? `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms` : `${seconds.toFixed(1)} s`;
}
