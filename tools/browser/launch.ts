import { chromium, type Browser } from "playwright-core";

import { findBrowser } from "./binary.ts";

/** Starts a real Chromium without a window; rejects with what to do when there is none. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = findBrowser();
  // The sandbox needs privileges that containers and root do not have; the only page opened is our own.
  return await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--headless"],
    env: { ...process.env, ...env },
  });
}
