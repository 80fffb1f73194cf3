// `npm run docs:screenshots`: pictures of the reference page for the documentation, wide and on a small phone.
import { writeFileSync } from "node:fs";
import path from "node:path";

import type { Browser, Page } from "playwright-core";

import { DOCS_FILES } from "../../src/http/docs.ts";
import { contentOf } from "../assets/build.ts";
import { launchBrowser } from "../browser/launch.ts";
import { parseFlags } from "../command/parse-flags.ts";
import { runCommand } from "../command/run-command.ts";
import { ROOT } from "../process/run-script.ts";

const HELP = `Usage: npm run docs:screenshots

Writes docs/reference-wide.png and docs/reference-320.png: the reference page as it is built from docs/openapi.json.
Look at them before you commit them.

Options:
  --help  show this text

Exit codes: 0 written, 1 no browser, or a page that fails, 2 wrong usage, 130 interrupted.
`;

interface Picture {
  readonly file: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: "light" | "dark";
}

const PICTURES: readonly Picture[] = [
  { file: "docs/reference-wide.png", viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  { file: "docs/reference-320.png", viewport: { width: 320, height: 860 }, colorScheme: "dark" },
];

/** Never asked for over the network: every address of it is answered from the assets. */
const ORIGIN = "http://users-api.invalid";

/** Gives a line about it. */
async function takePicture(browser: Browser, { file, viewport, colorScheme }: Picture): Promise<string> {
  const page = await browser.newPage({ viewport, colorScheme });
  await serveAssets(page);
  await page.goto(`${ORIGIN}/docs`);
  await page.locator("form").first().waitFor({ state: "attached" });
  const picture = await page.screenshot();
  writeFileSync(path.join(ROOT, file), picture);
  return `wrote ${file}, ${Math.ceil(picture.length / 1024)} KB`;
}

async function serveAssets(page: Page): Promise<void> {
  await page.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    const contentType = pathname === "/docs" ? "text/html; charset=utf-8" : DOCS_FILES[pathname.slice("/docs/".length)];
    if (contentType === undefined) await route.abort();
    else
      await route.fulfill({
        contentType,
        body: contentOf(pathname === "/docs" ? "docs/index.html" : pathname.slice(1)),
      });
  });
}

if (import.meta.main) {
  process.exitCode = await runCommand({
    name: "docs:screenshots",
    help: HELP,
    parse: (args) => (parseFlags(args, { help: { type: "boolean", default: false } }).help ? null : {}),
    run: async (_options, { progress, signal, cleanup }) => {
      const browser = await launchBrowser();
      cleanup.add(() => browser.close());
      for (const picture of PICTURES) {
        signal.throwIfAborted();
        progress.line(await takePicture(browser, picture));
      }
      return 0;
    },
  });
}
