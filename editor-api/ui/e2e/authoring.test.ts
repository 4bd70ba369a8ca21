// What authors do with flows that are there already: bring one in from another system, see what a draft changes drawn on
// the canvas, make a sub-flow of some nodes, and see what a contact sees.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Centre } from "./harness";

let centre: Centre;

beforeAll(async () => {
  centre = await Centre.open();
});
afterAll(() => centre.close());

test("an export of another system becomes a draft, and the report says what was lost", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.getByRole("button", { name: "Import" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Exported by").selectOption("twilio");
  const file = (text: string) => dialog.getByLabel("Exports").setInputFiles({ name: "hello.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await file("no JSON");
  await dialog.getByText("“hello.json” is not JSON.").waitFor();
  await file(JSON.stringify(EXPORT));
  await dialog.getByRole("button", { name: "Look at what comes of it" }).click();
  await dialog.getByText("1 without equivalent").waitFor();
  await dialog.getByText("Kept as it was").first().waitFor();
  await centre.shot(page, "authoring-1-import");
  await dialog.getByRole("button", { name: "Save 1 draft" }).click();
  await page.locator(".node-card").first().waitFor();
  expect(errors).toEqual([]);
  await context.close();
});

test("changes since a version are drawn, and a change of the list leads to its node", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.goto(`${centre.url}/flows/accueil`);
  await page.locator('.react-flow__node[data-id="goodbye"]').click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("complementary", { name: "Node types" }).getByRole("button", { name: "Wait", exact: true }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Versions" }).click();
  const drawn = page.locator(".changes-canvas");
  await drawn.locator(".node-card.removed").waitFor();
  await drawn.locator(".node-card.added").waitFor();
  await page.getByRole("button", { name: "Node goodbye" }).click();
  await centre.shot(page, "authoring-2-changes");
  expect(await drawn.locator(".react-flow__edge.removed").count()).toBeGreaterThan(0);
  expect(errors).toEqual([]);
  await context.close();
});

test("some nodes become a sub-flow, and the check finds nothing wrong with either flow", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.goto(`${centre.url}/flows/identification`);
  await page.locator(".node-card").first().waitFor();
  await page.keyboard.press("Control+a");
  await page.getByRole("button", { name: "Extract to a sub-flow" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Who is it");
  await centre.shot(page, "authoring-3-extract");
  await page.getByRole("dialog").getByRole("button", { name: "Extract" }).click();
  await page.locator('.react-flow__node[data-id="subflow"]').waitFor();
  expect(await page.locator(".react-flow__node").count()).toBe(1);
  await page.getByRole("button", { name: "Sound" }).waitFor();
  await page.goto(`${centre.url}/flows/who-is-it`);
  await page.getByRole("button", { name: "Sound" }).waitFor();
  expect(errors).toEqual([]);
  await context.close();
});

test("a menu is shown as each channel shows it", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.goto(`${centre.url}/flows/accueil`);
  await page.locator('.react-flow__node[data-id="menu"]').click();
  const preview = page.locator(".preview");
  await preview.locator(".whatsapp .buttons li", { hasText: "Sales" }).waitFor();
  await preview.getByLabel("Channel").selectOption("sms");
  await preview.getByText("1. Sales").waitFor();
  await preview.getByText(/1 SMS/).waitFor();
  await preview.getByLabel("Language").selectOption("fr");
  await preview.getByText("1. Ventes").waitFor();
  await centre.shot(page, "authoring-4-preview");
  expect(errors).toEqual([]);
  await context.close();
});

/** A flow of Twilio Studio with one widget that has no equivalent. */
const EXPORT = {
  description: "Hello",
  initial_state: "Trigger",
  flags: {},
  states: [
    { name: "Trigger", type: "trigger", properties: {}, transitions: [{ event: "incomingMessage", next: "hello" }] },
    { name: "hello", type: "send-message", properties: { body: "Hello" }, transitions: [{ event: "sent", next: "odd" }] },
    { name: "odd", type: "capture-payments", properties: {}, transitions: [{ event: "success" }] },
  ],
};
