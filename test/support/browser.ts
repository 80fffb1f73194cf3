import { chromium, type Browser, type Page } from "playwright-core";

import { findBrowser } from "./browser-binary.ts";

/** Starts a real Chromium without a window; a missing one fails the test with what to do about it. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = findBrowser();
  // The sandbox needs privileges that containers and root do not have; the only page opened is our own.
  return await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--headless"],
    env: { ...process.env, ...env },
  });
}

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
