// What authors do with flows that are there already: bring one in from another system, see what a draft changes drawn on
// the canvas, make a sub-flow of some nodes, and see what a contact sees.
import { afterAll, beforeAll, expect, test } from "vitest";
import { seriousFindings } from "./accessible";
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

test("a version meets a share of the contacts under guard, has a name, and the trail says who did it and why", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.goto(`${centre.url}/flows/hors-horaires`);
  await page.locator(".node-card").first().waitFor();
  await page.getByRole("button", { name: "Sound" }).click();
  // How long a contact may be left without a word, and where.
  await page.locator(".drawer .silence", { hasText: "Longest silence" }).getByRole("button").first().click();
  await page.locator(".node-card.selected").waitFor();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByLabel("What changed?").fill("A shorter text");
  await page.getByLabel("Put it in service at once").uncheck();
  await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByRole("button", { name: "In part…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("slider", { name: "Share of the contacts" }).fill("25");
  await dialog.getByLabel("The workshop's WhatsApp").check();
  await dialog.getByLabel("Faults of nodes, % at most").fill("1");
  await dialog.getByLabel("Why?").fill("To see whether it is understood");
  await centre.shot(page, "authoring-5-rollout");
  expect(await seriousFindings(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Roll it out" }).click();
  await page.getByText("Version 2 for 25% of the contacts").waitFor();
  expect(((await centre.ask("GET", "/api/v1/flows/hors-horaires/release")) as { rollout: unknown }).rollout).toEqual({
    version: 2,
    percent: 25,
    touchpoints: ["whatsapp"],
    guard: { window: "15m", started_min: 20, faults_max: 1 },
  });

  await page.getByRole("button", { name: "Add", exact: true }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("trial");
  await dialog.getByLabel("Why?").fill("For the shop's own tests");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.locator(".service li", { hasText: "trial" }).waitFor();
  await centre.shot(page, "authoring-6-service");
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Take it back" }).click();
  await dialog.getByRole("button", { name: "Take it back" }).click();
  await page.getByText("Version 2 for 25% of the contacts").waitFor({ state: "detached" });

  await page.goto(`${centre.url}/settings/audit`);
  await page.getByLabel("Name, key or reason").fill("understood");
  const line = page.locator("tbody tr");
  await line.nth(1).waitFor({ state: "detached" });
  expect(await line.innerText()).toContain("To see whether it is understood");
  await centre.shot(page, "authoring-7-audit");
  expect(await seriousFindings(page)).toEqual([]);
  await line.getByRole("link", { name: "hors-horaires" }).click();
  await page.locator(".node-card").first().waitFor();
  // A touchpoint chooses among the names that its flow gives.
  await page.goto(`${centre.url}/settings/touchpoints/sms`);
  await page.getByLabel("Flow", { exact: true }).selectOption("hors-horaires");
  await page.getByLabel("Version of the flow").selectOption("trial");
  expect(errors).toEqual([]);
  await context.close();
});

test("a publishing rule is said beforehand, and keeps back what does not fulfil it", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.goto(`${centre.url}/flows/vip`);
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByLabel("Its tests must pass").check();
  await page.getByLabel("They cover at least").fill("100");
  await page.locator("form.service").getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("button", { name: "Publish" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Publishing rule: its tests pass, they cover at least 100%.").waitFor();
  await dialog.getByRole("button", { name: "Publish" }).click();
  await dialog.getByText("and its publishing rule wants 100").waitFor();
  await dialog.getByText("Not taken yet:").waitFor();
  await centre.shot(page, "authoring-8-rule");
  expect(await seriousFindings(page)).toEqual([]);
  expect(errors).toEqual([]);
  await context.close();
});

test("a rehearsal has other contacts in line, whom agents are offered first", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.goto(`${centre.url}/flows/commande`);
  await page.locator(".node-card").first().waitFor();
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.getByRole("tab", { name: "World" }).click();
  await page.getByRole("button", { name: "Other contacts" }).click();
  await page.getByLabel("How many, row 1").fill("4");
  await page.getByLabel("What they wait for, row 1").selectOption("General");
  await page.getByLabel("How long they have waited, row 1").selectOption("for 5m");
  await page.getByLabel("Give lea a skill").selectOption("General");
  await centre.shot(page, "authoring-9-world");
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("tab", { name: "Conversation" }).click();
  await page.getByLabel("Message of the contact…").fill("Hello");
  await page.keyboard.press("Enter");
  await page.getByText("4 others wait in line.").waitFor();
  const controls = page.locator(".simulator-controls");
  await controls.getByText("is offered another contact").waitFor();
  await controls.getByRole("button", { name: "Accept" }).click();
  await page.getByText("3 others wait in line.").waitFor();
  await controls.getByText("with another contact").waitFor();
  await controls.getByRole("button", { name: "End conversation" }).waitFor();
  await centre.shot(page, "authoring-10-others");
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

test("two authors of one draft: what only one touched is joined, what both touched is chosen", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.goto(`${centre.url}/flows/accueil`);
  await page.locator('.react-flow__node[data-id="queue"]').click();
  // The other author saves first: the wait, which is disputed then, and the time of the menu, which is not.
  const draft = await read("accueil");
  draft.document.nodes.queue.config.max_wait = "30m";
  draft.document.nodes.menu.config.timeout = "7m";
  await write("accueil", draft);
  await page.getByLabel("Longest wait").fill("20m");
  await page.getByRole("textbox", { name: "Note for other authors" }).fill("Ask the floor first.");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("group", { name: /queue/ }).getByText("15m").waitFor();
  await centre.shot(page, "authoring-5-conflict");
  expect(await seriousFindings(page)).toEqual([]);
  await dialog.getByRole("radio", { name: /Theirs/ }).check();
  await dialog.getByRole("button", { name: "Save as chosen" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  expect(await page.getByLabel("Longest wait").inputValue()).toBe("30m");
  const { document } = await read("accueil");
  expect([document.nodes.queue.config.max_wait, document.nodes.queue.note, document.nodes.menu.config.timeout]).toEqual(["30m", "Ask the floor first.", "7m"]);
  expect(errors).toEqual([]);
  await context.close();
});

test("a comment stands on the canvas, and a node tells that it has a note", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  await page.goto(`${centre.url}/flows/accueil`);
  await page.locator('.react-flow__node[data-id="menu"]').getByRole("img", { name: /Note for other authors/ }).waitFor();
  await page.getByRole("button", { name: "Add a comment" }).click();
  await page.getByRole("textbox", { name: "Comment" }).fill("Billing moves out in spring.");
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.reload();
  expect(await page.getByRole("textbox", { name: "Comment" }).inputValue()).toBe("Billing moves out in spring.");
  await centre.shot(page, "authoring-6-comment");
  expect(await seriousFindings(page)).toEqual([]);
  // It means nothing to the flow: no version differs by it.
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.locator(".changes-canvas .node-card").first().waitFor();
  expect(await page.locator(".changes li", { hasText: "Billing moves" }).count()).toBe(0);
  expect(errors).toEqual([]);
  await context.close();
});

type Stored = { document: { nodes: Record<"queue" | "menu", { config: Record<string, unknown>; note?: string }> }; etag: string };

async function read(flow: string): Promise<Stored> {
  const response = await fetch(`${centre.url}/api/v1/flows/${flow}`, { headers: { Authorization: `Bearer ${centre.keys.ADMIN}` } });
  const { document } = (await response.json()) as Pick<Stored, "document">;
  return { document, etag: response.headers.get("etag") ?? "" };
}

async function write(flow: string, { document, etag }: Stored): Promise<void> {
  const headers = { Authorization: `Bearer ${centre.keys.ADMIN}`, "Content-Type": "application/json", "If-Match": etag };
  const response = await fetch(`${centre.url}/api/v1/flows/${flow}`, { method: "PUT", headers, body: JSON.stringify(document) });
  expect(response.status).toBe(200);
}

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
