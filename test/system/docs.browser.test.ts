import { readFileSync } from "node:fs";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";

import { launchBrowser } from "../../tools/browser/launch.ts";
import { execute, openForm, openReference, operationOf } from "../support/reference-page.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "key-of-the-browser-test-0123456789";

interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

const OPENAPI = new URL("../../docs/openapi.json", import.meta.url);

function documentedOperations(): string[] {
  const document = JSON.parse(readFileSync(OPENAPI, "utf8")) as OpenapiDocument;
  return Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
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

  test("shows every operation of the OpenAPI document, with and without scripts", async ({ expect }) => {
    for (const javaScriptEnabled of [true, false]) {
      const { page } = await openReference(browser, stack.url, { javaScriptEnabled });
      const ids: string[] = [];
      for (const article of await page.locator("article").all()) ids.push((await article.getAttribute("id")) ?? "");
      expect(ids.toSorted()).toEqual(documentedOperations().toSorted());
      expect(ids).toContain("listUsers");
      await page.context().close();
    }
  });

  test("offers without scripts what works without them: a command, and no form or button", async ({ expect }) => {
    const { page, record } = await openReference(browser, stack.url, { javaScriptEnabled: false });
    const operation = operationOf(page, "createUser");
    await operation.locator(".try > summary").click();
    expect(await operation.locator("#createUser-curl").innerText()).toContain(`"X-API-Key: $API_KEY"`);
    expect(await page.locator("form:visible, button:visible, input:visible").count()).toBe(0);
    expect(record.requests.map(({ pathname }) => pathname)).not.toContain("/docs/init.js");
    await page.context().close();
  });

  test("executes operations with the API key that its reader enters, and talks to its own origin only", async ({
    expect,
  }) => {
    const { page, record } = await openReference(browser, stack.url);

    expect(await execute(page, "getHealth")).toEqual({ status: "200", body: expect.stringContaining('"ok"') });
    expect(await execute(page, "listUsers")).toMatchObject({ status: "401" });

    await enterApiKey(page);

    expect(await execute(page, "createUser")).toEqual({
      status: "201",
      body: expect.stringContaining('"username": "jdoe"'),
    });
    expect(await execute(page, "listUsers")).toEqual({
      status: "200",
      body: expect.stringContaining('"username": "jdoe"'),
    });
    const headers = operationOf(page, "listUsers").locator("[data-part='headers']");
    expect(await headers.textContent()).toContain("x-request-id: ");

    expect(record.requests.filter(({ origin }) => origin !== stack.url.origin)).toEqual([]);
    expect(record.requests.map(({ pathname }) => pathname)).toContain("/docs/try-it.js");
    // The browser itself reports the one response that was meant to be refused.
    expect(record.complaints).toEqual([expect.stringContaining("status of 401")]);
    await page.context().close();
  });

  test("sends what its fields say: in path, query, headers and body, and leaves out what is empty", async ({
    expect,
  }) => {
    const { page } = await openReference(browser, stack.url);
    await enterApiKey(page);
    const create = await openForm(page, "createUser");
    await create.getByLabel("Body").fill('{"username":"ohara","email":"o@example.com","full_name":"Pat O\'Hara"}');
    await create.getByLabel("Idempotency-Key").fill('"a key of the test"');
    const { body } = await execute(page, "createUser");
    const { id } = JSON.parse(body) as { readonly id: string };

    const list = await openForm(page, "listUsers");
    await list.getByLabel("username").fill("oh");
    await list.getByLabel("sort").selectOption("-username");
    const sent = page.waitForRequest((request) => request.url().includes("/api/v1/users?"));
    expect(await execute(page, "listUsers")).toEqual({ status: "200", body: expect.stringContaining("Pat O'Hara") });
    expect(new URL((await sent).url()).search).toBe("?sort=-username&username=oh");

    const update = await openForm(page, "updateUser");
    await update.getByLabel("Example").selectOption("Change nothing");
    await update.getByLabel("id path, required").fill(id);
    await update.getByLabel("If-Match").fill('"stale"');
    expect(await update.getByLabel("Body").inputValue()).toBe("{}");
    expect(await execute(page, "updateUser")).toMatchObject({ status: "412" });
    await update.getByLabel("If-Match").fill("");
    expect(await execute(page, "updateUser")).toMatchObject({ status: "200" });

    const remove = await openForm(page, "deleteUser");
    await remove.getByLabel("id path, required").fill(id);
    expect(await execute(page, "deleteUser")).toEqual({ status: "204", body: "(no body)" });
    await page.context().close();
  });

  test("keeps credentials in their fields only, and out of the command that it offers to copy", async ({ expect }) => {
    const { page } = await openReference(browser, stack.url, { permissions: ["clipboard-read", "clipboard-write"] });
    await enterApiKey(page);
    expect(await execute(page, "listUsers")).toMatchObject({ status: "200" });

    await operationOf(page, "listUsers").getByRole("button", { name: "Copy the command" }).click();
    await operationOf(page, "listUsers").getByRole("button", { name: "Copied" }).waitFor();
    const command = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(command).toBe(`curl -i '${stack.url.origin}/api/v1/users' \\\n  -H "X-API-Key: $API_KEY"`);

    const kept = "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, location.href])";
    expect(await page.evaluate<string>(kept)).not.toContain(API_KEY);
    expect(await page.content()).not.toContain(API_KEY);
    await page.reload();
    expect(await page.getByLabel("API key").inputValue()).toBe("");
    await page.context().close();
  });

  test("shows an answer as text, also when it is a page", async ({ expect }) => {
    const { page } = await openReference(browser, stack.url);
    const { status, body } = await execute(page, "getProblemPage");
    expect(status).toBe("200");
    expect(body).toContain("<h1>");
    expect(await page.locator("[data-part='answer-body'] *").count()).toBe(0);
    await page.context().close();
  });

  test("says so when there is no answer, and shows the next one", async ({ expect }) => {
    const { page } = await openReference(browser, stack.url);
    await page.route("**/health", (route) => route.abort());
    const operation = await openForm(page, "getHealth");
    await operation.getByRole("button", { name: "Send request" }).click();
    await operation.getByRole("status").filter({ hasText: "No answer" }).waitFor();
    expect(await operation.locator("[data-part='answer']").isVisible()).toBe(false);
    await page.unroute("**/health");
    await operation.getByRole("button", { name: "Send request" }).click();
    await operation.getByRole("status").filter({ hasText: /^200/ }).waitFor();
    expect(await operation.locator("[data-part='answer']").isVisible()).toBe(true);
    await page.context().close();
  });

  test("has an address for each operation", async ({ expect }) => {
    const { page } = await openReference(browser, stack.url, { hash: "#deleteUser" });
    const box = await operationOf(page, "deleteUser").boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(-1);
    expect(box?.y).toBeLessThan(450);
    await page.context().close();
  });

  test("shows an operation within the first screen, its form two clicks from there", async ({ expect }) => {
    const { page } = await openReference(browser, stack.url);
    const first = await page.locator("article").first().boundingBox();
    expect((first?.y ?? Number.POSITIVE_INFINITY) + 100).toBeLessThan(900);
    const operation = await openForm(page, "updateUser");
    expect(await operation.getByRole("button", { name: "Send request" }).isVisible()).toBe(true);
    await page.context().close();
  });

  test("notices a request to another origin and a script that the policy forbids", async ({ expect }) => {
    const { page, record } = await openReference(browser, stack.url);
    await page.evaluate(`
      document.body.append(Object.assign(document.createElement("img"), { src: "https://elsewhere.invalid/pixel.png" }));
      document.body.append(Object.assign(document.createElement("script"), { textContent: "globalThis.hasRun = true" }));
    `);
    const violates = (directive: string) => expect.stringMatching(`violates.*Content Security Policy.*${directive}`);
    await expect.poll(() => record.complaints.toSorted()).toEqual([violates("script-src"), violates("img-src")]);
    expect(await page.evaluate("'hasRun' in globalThis")).toBe(false);
    await page.context().close();
  });
});

async function enterApiKey(page: Page): Promise<void> {
  await page.locator("#credentials > summary").click();
  await page.getByLabel("API key").fill(API_KEY);
}
