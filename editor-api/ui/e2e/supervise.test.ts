// A supervisor and a contact who waits: he is seen on the floor and on the canvas, why he waits is said, and he is given to
// an agent against the rules, with a reason.
import { afterAll, beforeAll, expect, test } from "vitest";
import { seriousFindings } from "./accessible";
import { Centre } from "./harness";

let centre: Centre;

beforeAll(async () => {
  centre = await Centre.open();
});
afterAll(() => centre.close());

test("a contact who waits is seen, explained, and given to an agent with a reason", async () => {
  const lea = await centre.person(centre.keys.LEA);
  await lea.page.getByRole("radio", { name: "Paused" }).click();
  await lea.page.locator('.presence.paused[aria-checked="true"]').waitFor();
  await centre.customer("+33600000201", "sales");

  const { page, context, errors } = await centre.person(centre.keys.SUPERVISOR);
  await page.locator("tr", { hasText: "Sales" }).first().waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await centre.shot(page, "supervise-1-floor");
  await page.locator("tr", { hasText: "Léa Martin" }).getByRole("button", { name: "Why does he take nothing more?" }).click();
  await page.locator("tr", { hasText: "Léa Martin" }).locator(".reason").waitFor();

  // Who is where, on the flow itself, and how often each exit was taken.
  await page.goto(`${centre.url}/flows/accueil`);
  await page.locator('.react-flow__node[data-id="queue"] .crowd', { hasText: "1" }).waitFor();
  await page.getByRole("button", { name: "What went through it" }).click();
  await page.locator('.react-flow__node[data-id="menu"] li', { hasText: "sales" }).locator(".count", { hasText: "1" }).waitFor();
  await centre.shot(page, "supervise-2-occupancy");
  expect(await seriousFindings(page)).toEqual([]);

  await page.goto(`${centre.url}/interactions`);
  await page.getByLabel("Contact, id, skill, flow, attribute…").fill("600000201");
  await page.locator("td a.main").click();
  await page.getByLabel("Why is it not with…").selectOption("lea");
  await page.locator(".reason").waitFor();
  await page.getByRole("button", { name: "Give it to Léa Martin" }).click();
  await page.getByLabel("Why it must be him").fill("She knows this customer.");
  await centre.shot(page, "supervise-3-override");
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Give it to Léa Martin anyway" }).click();
  await lea.page.getByRole("button", { name: "Accept" }).click();
  await lea.page.getByLabel("Write to the contact…").waitFor();
  expect(await seriousFindings(lea.page)).toEqual([]);
  await page.getByText("Given by a supervisor").first().waitFor();
  const audit = await fetch(`${centre.url}/api/v1/audit?limit=50`, { headers: { Authorization: `Bearer ${centre.keys.ADMIN}` } });
  expect(await audit.text()).toContain("She knows this customer.");
  await page.getByRole("tab", { name: "Replay" }).click();
  await page.getByRole("region", { name: "Replay" }).locator(".node-card.lit").first().waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  expect([...errors, ...lea.errors]).toEqual([]);
  await context.close();
});
