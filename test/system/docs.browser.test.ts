import { readFileSync } from "node:fs";

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";

import { launchBrowser, recordPage, type PageRecord } from "../support/browser.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "key-of-the-browser-test-0123456789";

interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

describe("the reference page in a browser", () => {
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

  async function openReference(viewport = { width: 1280, height: 900 }): Promise<{ page: Page; record: PageRecord }> {
    const page = await browser.newPage({ viewport });
    const record = recordPage(page);
    await page.goto(new URL("/docs", stack.url).href);
    await page.locator(".opblock").first().waitFor();
    return { page, record };
  }

  test("shows every operation of the OpenAPI document", async ({ expect }) => {
    const { page } = await openReference();
    const text = readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8");
    const document = JSON.parse(text) as OpenapiDocument;
    const documented = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    const ids = await page.locator(".opblock").evaluateAll((blocks) => blocks.map(({ id }) => id.split("-").at(-1)));
    expect(new Set(ids)).toEqual(new Set(documented));
    expect(ids).toHaveLength(documented.length);
    expect(documented).toContain("listUsers");
  });

  test("executes operations with the API key that its reader enters, and talks to its own origin only", async ({
    expect,
  }) => {
    const { page, record } = await openReference();

    expect(await executeOperation(page, "Health", "getHealth")).toEqual({
      status: "200",
      body: expect.stringContaining('"ok"'),
    });
    expect(await executeOperation(page, "Users", "listUsers")).toMatchObject({ status: "401" });
    const complaintsOfRefusal = record.complaints.length;

    await page.locator(".auth-wrapper .authorize").first().click();
    await page.locator("#api_key_value").fill(API_KEY);
    await page.locator(".auth-btn-wrapper .authorize").first().click();
    await page.locator(".auth-btn-wrapper .btn-done").first().click();

    expect(await executeOperation(page, "Users", "createUser")).toEqual({
      status: "201",
      body: expect.stringContaining('"username": "jdoe"'),
    });
    const list = await executeOperation(page, "Users", "listUsers");
    expect(list).toEqual({ status: "200", body: expect.stringContaining('"username": "jdoe"') });

    expect(record.requests.filter(({ origin }) => origin !== stack.url.origin)).toEqual([]);
    expect(record.requests.map(({ pathname }) => pathname)).toContain("/openapi.json");
    // The browser itself reports the one response that was meant to be refused.
    expect(record.complaints.filter((text) => !text.includes("status of 401"))).toEqual([]);
    expect(record.complaints).toHaveLength(complaintsOfRefusal);
  });

  test("notices a request to another origin and a script that the policy forbids", async ({ expect }) => {
    const { page, record } = await openReference();
    await page.evaluate(`
      document.body.append(Object.assign(document.createElement("img"), { src: "https://elsewhere.invalid/pixel.png" }));
      document.body.append(Object.assign(document.createElement("script"), { textContent: "globalThis.hasRun = true" }));
    `);
    const violates = (directive: string) => expect.stringMatching(`violates.*Content Security Policy.*${directive}`);
    await expect.poll(() => record.complaints.toSorted()).toEqual([violates("script-src"), violates("img-src")]);
    expect(await page.evaluate("'hasRun' in globalThis")).toBe(false);
  });

  test("fits a phone without scrolling sideways", async ({ expect }) => {
    const { page } = await openReference({ width: 390, height: 844 });
    await operationOf(page, "Users", "listUsers").locator(".opblock-summary-control").click();
    await operationOf(page, "Users", "createUser").locator(".opblock-summary-control").click();
    await page.locator(".responses-table").nth(1).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  });
});

function operationOf(page: Page, tag: string, operationId: string): Locator {
  return page.locator(`#operations-${tag}-${operationId}`);
}

/** Opens an operation, presses its button and gives what the page shows of the answer. */
async function executeOperation(
  page: Page,
  tag: string,
  operationId: string,
): Promise<{ status: string; body: string }> {
  const operation = operationOf(page, tag, operationId);
  if (!(await operation.locator(".execute").isVisible())) await operation.locator(".opblock-summary-control").click();
  const answered = page.waitForResponse((response) => response.request().resourceType() === "fetch");
  await operation.locator(".execute").click();
  const expected = String((await answered).status());
  const live = operation.locator(".live-responses-table .response");
  await live.locator(".response-col_status", { hasText: expected }).waitFor();
  const status = await live.locator(".response-col_status").innerText();
  return { status: status.trim().slice(0, 3), body: await live.locator(".highlight-code").first().innerText() };
}
