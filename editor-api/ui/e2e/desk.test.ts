// An agent at two windows of one browser, and a reload at the worst moment: nothing that was said is lost or doubled.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { Centre } from "./harness";

let centre: Centre;

beforeAll(async () => {
  centre = await Centre.open();
});
afterAll(() => centre.close());

test("two windows of a desk are one desk", async () => {
  const { page: first, context, errors } = await centre.person(centre.keys.LEA);
  const second = await context.newPage();
  await second.goto(`${centre.url}/desk`);
  await first.getByRole("radio", { name: "Available" }).click();
  await second.locator('.presence.available[aria-checked="true"]').waitFor();
  await centre.customer("+33600000101", "sales");
  for (const page of [first, second]) await page.getByRole("button", { name: "Accept" }).waitFor();
  // Both press it; where one is so late that the button is gone, nothing is left to press, and nothing comes of it.
  const pressed = await Promise.allSettled([first, second].map((page) => page.getByRole("button", { name: "Accept" }).click({ timeout: 5000 })));
  expect(pressed.some((one) => one.status === "fulfilled")).toBe(true);
  for (const page of [first, second]) await field(page).waitFor();
  await say(first, "From the first window");
  await say(second, "From the second window");
  for (const page of [first, second]) {
    for (const text of ["From the first window", "From the second window"]) {
      await page.locator(".said.own:not(.pending)", { hasText: text }).waitFor();
      expect(await page.locator(".said.own", { hasText: text }).count(), text).toBe(1);
    }
    expect(await page.locator(".slot").count()).toBe(1);
  }
  await centre.shot(second, "desk-second-window");
  await second.getByRole("button", { name: "End conversation" }).click();
  await first.getByRole("button", { name: "Close the record" }).click();
  for (const page of [first, second]) await page.getByText("Waiting for the next contact.").waitFor();
  expect(errors).toEqual([]);
  await context.close();
});

test("a reload loses neither what was on its way nor what was half written", async () => {
  const { page, context } = await centre.person(centre.keys.LEA);
  // A network that takes what is sent to it nowhere, for as long as the test says.
  let isDead = false;
  await context.routeWebSocket(/\/socket$/, (socket) => {
    if (!isDead) socket.connectToServer();
  });
  await page.reload();
  await page.getByRole("radio", { name: "Available" }).click();
  await centre.customer("+33600000102", "sales");
  await page.getByRole("button", { name: "Accept" }).click();
  await field(page).waitFor();
  isDead = true;
  await page.reload();
  await say(page, "On its way");
  await page.locator(".said.pending", { hasText: "On its way" }).waitFor();
  await field(page).fill("Half writ");
  isDead = false;
  await page.reload();
  await page.locator(".said.own:not(.pending)", { hasText: "On its way" }).waitFor();
  expect(await field(page).inputValue()).toBe("Half writ");
  await page.reload();
  await page.locator(".said.own", { hasText: "On its way" }).waitFor();
  expect(await page.locator(".said.own", { hasText: "On its way" }).count()).toBe(1);
  await context.close();
});

function field(page: Page) {
  return page.getByLabel("Write to the contact…");
}

async function say(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await page.keyboard.press("Enter");
}
