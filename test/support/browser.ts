import type { Page } from "playwright-core";

/** What a page did that its reader cannot see. */
export interface PageRecord {
  readonly requests: readonly URL[];
  /** Errors and warnings of the console, uncaught exceptions, and violations of the content security policy. */
  readonly complaints: readonly string[];
}

/** Records from now on; `data:` URLs are part of the page itself and left out. */
export function recordPage(page: Page): PageRecord {
  const requests: URL[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:") requests.push(url);
  });
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return { requests, complaints };
}
