import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

import { recordPage, type PageRecord } from "./browser.ts";

export interface Reference {
  readonly page: Page;
  readonly record: PageRecord;
}

/** Opens the reference page of a service, in a context of its own; `hash` names a place on it. */
export async function openReference(
  browser: Browser,
  service: URL,
  { hash = "", ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<Reference> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const record = recordPage(page);
  await page.goto(new URL(`/docs${hash}`, service).href);
  return { page, record };
}

export function operationOf(page: Page, operationId: string): Locator {
  return page.locator(`article[id="${operationId}"]`);
}

/** Goes to an operation as its readers do, from the navigation, and unfolds its form: two clicks. */
export async function openForm(page: Page, operationId: string): Promise<Locator> {
  await page.locator(`nav a[href="#${operationId}"]`).click();
  const operation = operationOf(page, operationId);
  if (!(await operation.locator("form").isVisible())) await operation.locator(".try > summary").click();
  return operation;
}

/** Sends what stands in the form of an operation; gives what the page shows of the answer. */
export async function execute(page: Page, operationId: string): Promise<{ status: string; body: string }> {
  const operation = await openForm(page, operationId);
  await operation.getByRole("button", { name: "Send request" }).click();
  return await answerOf(operation);
}

/** What an operation shows once the answer is there. */
export async function answerOf(operation: Locator): Promise<{ status: string; body: string }> {
  const status = operation.getByRole("status").filter({ hasText: /^\d{3}|No answer/ });
  await status.waitFor();
  const body = operation.locator("[data-part='answer-body']");
  return { status: (await status.innerText()).slice(0, 3), body: await body.innerText() };
}

/** Unfolds everything that the page can hide. */
export async function unfoldAll(page: Page): Promise<void> {
  await page.locator("details").evaluateAll((all) => all.forEach((each) => each.setAttribute("open", "")));
}
