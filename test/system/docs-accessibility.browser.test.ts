import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";

import { PROBLEM_TYPES } from "../../src/http/problem-registry.ts";
import { launchBrowser } from "../../tools/browser/launch.ts";
import { findBarriers } from "../support/axe.ts";
import { answerOf, execute, openReference, operationOf, unfoldAll } from "../support/reference-page.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "key-of-the-browser-test-0123456789";

/** 320 px is a small phone, and a usual screen at 400 % (WCAG 2.2, 1.4.10). */
const VIEWS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1280, 320].map((width) => ({ colorScheme, viewport: { width, height: 900 } })),
);

/** Pages of problems are of one form, whose colours do not depend on its width: each scheme and each width once is all there is. */
const VIEWS_OF_PROBLEMS = VIEWS.filter(
  ({ colorScheme, viewport }) => (colorScheme === "dark") === (viewport.width === 320),
);

/** Dozens of searches, each of the whole page: seconds by itself, and a multiple of that beside other work. */
const MANY_SEARCHES = { timeout: 240_000 };

/** What the keyboard is on. */
interface Stop {
  readonly name: string;
  /** Whether its outline is at least 2 px wide and in the window. */
  readonly isVisible: boolean;
}

describe("the documentation, for everybody", () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
    stack = await startStack({ vars: { API_KEY } });
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const widthOf = async (page: Page): Promise<number> => page.evaluate<number>("document.documentElement.scrollWidth");
  const backgroundOf = async (page: Page): Promise<string> =>
    page.evaluate<string>("getComputedStyle(document.body).backgroundColor");

  for (const view of VIEWS) {
    const { colorScheme, viewport } = view;
    const name = `${colorScheme}, ${viewport.width} px wide`;

    test(
      `/docs has no barriers that axe knows of, and scrolls down only: ${name}`,
      MANY_SEARCHES,
      async ({ expect }) => {
        const { page } = await openReference(browser, stack.url, view);
        expect(await findBarriers(page)).toEqual([]);
        expect(await widthOf(page)).toBe(viewport.width);

        await execute(page, "getOpenapiDocument");
        await execute(page, "listUsers");
        await unfoldAll(page);
        expect(await page.locator("form:visible").count()).toBeGreaterThan(10);
        expect(await findBarriers(page)).toEqual([]);
        expect(await widthOf(page)).toBe(viewport.width);
        expect(await backgroundOf(page)).toBe(colorScheme === "dark" ? "rgb(20, 23, 28)" : "rgb(255, 255, 255)");
        await page.context().close();
      },
    );
  }

  for (const view of VIEWS_OF_PROBLEMS) {
    const { colorScheme, viewport } = view;
    const name = `${colorScheme}, ${viewport.width} px wide`;

    test(`no page of a problem has barriers that axe knows of: ${name}`, MANY_SEARCHES, async ({ expect }) => {
      const { page, record } = await openReference(browser, stack.url, view);
      const found: string[] = [];
      for (const code of Object.keys(PROBLEM_TYPES)) {
        await page.goto(new URL(`/problems/${code}`, stack.url).href);
        found.push(...(await findBarriers(page)).map((line) => `${code}: ${line}`));
        if ((await widthOf(page)) !== viewport.width) found.push(`${code}: scrolls sideways`);
      }
      expect(found).toEqual([]);
      expect(await backgroundOf(page)).toBe(colorScheme === "dark" ? "rgb(20, 23, 28)" : "rgb(255, 255, 255)");
      expect(record.complaints).toEqual([]);
      await page.context().close();
    });
  }

  test("the search for barriers notices faint text, a control within a control and what is outside landmarks", async ({
    expect,
  }) => {
    const { page } = await openReference(browser, stack.url);
    await page.evaluate(`
      document.querySelector("main").insertAdjacentHTML("beforebegin",
        '<p id="plant">faint</p><div role="button" tabindex="0">outer <a href="#plant">inner</a></div>');
      document.getElementById("plant").style.color = "#bbb";
    `);
    const found = (await findBarriers(page)).map((line) => line.split(" at ", 1)[0]);
    expect(found).toEqual(expect.arrayContaining(["fault color-contrast", "fault nested-interactive", "fault region"]));
    await page.context().close();
  });

  test("every stop of the Tab key is to be seen, in the order of the page", async ({ expect }) => {
    const { page } = await openReference(browser, stack.url);
    const stops = await walk(page);
    expect(stops.filter(({ isVisible }) => !isVisible)).toEqual([]);
    const names = stops.map(({ name }) => name);
    const landmarks = ["Skip to the operations", "GET List users", "Credentials", "List users", "Try it"];
    expect(landmarks.map((name) => names.indexOf(name))).toEqual(
      landmarks.map((name) => names.indexOf(name)).toSorted((a, b) => a - b),
    );
    expect(names[0]).toBe("Skip to the operations");
    expect(names.filter((name) => name === "Try it")).toHaveLength(await page.locator("article").count());
    await page.context().close();
  });

  test("the skip link leads past the navigation", async ({ expect }) => {
    const { page } = await openReference(browser, stack.url);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect((await stopOf(page)).name).toBe("Credentials");
    await page.context().close();
  });

  test("the keyboard alone enters a key, finds an operation, fills its form and sends it", async ({ expect }) => {
    const { page } = await openReference(browser, stack.url, { viewport: { width: 320, height: 700 } });
    await tabTo(page, "Credentials");
    await page.keyboard.press("Enter");
    await tabTo(page, "API key (X-API-Key)");
    await page.keyboard.type(API_KEY);

    await tabTo(page, "POST Create a user", "Shift+Tab");
    await page.keyboard.press("Enter");
    await tabTo(page, "Try it");
    await page.keyboard.press("Enter");
    await tabTo(page, "Body");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type('{"username":"keyboard","email":"keys@example.com","full_name":"Only Keys"}');
    await tabTo(page, "Send request");
    await page.keyboard.press("Space");
    const answer = await answerOf(operationOf(page, "createUser"));
    expect(answer).toEqual({ status: "201", body: expect.stringContaining('"username": "keyboard"') });
    await page.context().close();
  });
});

/** Presses Tab until the browser is through with the page. */
async function walk(page: Page): Promise<Stop[]> {
  const stops: Stop[] = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await stopOf(page);
    if (stop.name === "" || stops.length > 2000) return stops;
    stops.push(stop);
  }
}

/** Presses a key until something of this name has the focus. */
async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press(key);
    const stop = await stopOf(page);
    if (stop.name === name) return;
    seen.push(stop.name);
  }
  throw new Error(`"${name}" was not reached by ${key}, but: ${seen.join(", ")}`);
}

async function stopOf(page: Page): Promise<Stop> {
  return page.evaluate<Stop>(`(() => {
    const element = document.activeElement;
    if (element === document.body || element === null) return { name: "", isVisible: false };
    const label = element.labels?.[0] ?? element;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { top, bottom, width, height } = element.getBoundingClientRect();
    const isInWindow = bottom > 0 && top < innerHeight && width > 0 && height > 0;
    return {
      name: label.innerText.trim().replaceAll(/\\s+/g, " "),
      isVisible: isInWindow && outlineStyle === "solid" && parseFloat(outlineWidth) >= 2,
    };
  })()`);
}
