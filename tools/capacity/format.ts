const THREE_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Three digits are more than the model knows. */
export function formatNumber(value: number): string {
  return THREE_DIGITS.format(value);
}

/** Requests per second at which a limit is reached, or how rare they have to be. */
export function formatRate(requestsPerSecond: number): string {
  if (!Number.isFinite(requestsPerSecond)) return "never";
  if (requestsPerSecond >= 0.1 || requestsPerSecond === 0) return formatNumber(requestsPerSecond);
  return `1 in ${formatNumber(1 / requestsPerSecond)} s`;
}

/** US dollars; cents only where they matter. */
export function formatDollars(usd: number): string {
  return `$${(usd < 100 ? CENTS : WHOLE).format(usd)}`;
}

/** A share from 0 to 1. */
export function formatShare(share: number): string {
  return `${formatNumber(share * 100)} %`;
}
