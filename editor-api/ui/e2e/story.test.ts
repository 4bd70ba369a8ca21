// One story from end to end, on the real server: an administrator draws a flow, is told of defects, mends them, tries it,
// publishes it and puts it behind the webchat; a visitor, an agent and a supervisor then live through a conversation,
// with a reload and a loss of network in the middle.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Locator, Page } from "playwright-core";
import { Centre } from "./harness";

let centre: Centre;
let errors: string[] = [];
let publicKey = "";

beforeAll(async () => {
  centre = await Centre.open();
});
afterAll(() => centre.close());

test("an administrator draws the welcome flow, mends its two defects, tries it and publishes it", async () => {
  const admin = await centre.person(centre.keys.ADMIN);
  errors = admin.errors;
  const { page } = admin;
  await page.getByRole("button", { name: "New flow" }).click();
  await page.getByLabel("Name").fill("Front door");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Drag a node here").waitFor();
  await centre.shot(page, "story-0-empty");

  const palette = page.getByRole("complementary", { name: "Node types" });
  for (const kind of ["Business hours", "Send a message", "Menu", "Require skills", "Wait for an agent", "Wrap-up", "Survey", "Close"]) {
    await palette.getByRole("button", { name: kind, exact: true }).click();
    await page.locator(".node-card.selected strong", { hasText: kind }).waitFor();
  }
  await choose(page, "send_message");
  await inspector(page).getByLabel("in en").last().fill("Hello ${attributes.name}, we are away. Write to us tomorrow.");
  await inspector(page).getByLabel("in fr").last().fill("Bonjour, nous sommes absents. Écrivez-nous demain.");
  await wire(page, "business_hours", ["open"], "node:menu");
  await wire(page, "business_hours", ["closed", "holiday"], "node:send_message");
  await wire(page, "send_message", ["done"], "node:close");
  await wire(page, "menu", ["sales"], "node:require_skills");
  await wire(page, "menu", ["support", "no_match", "timeout"], "node:enqueue");
  await wire(page, "require_skills", ["done"], "node:enqueue");
  await wire(page, "enqueue", ["ended"], "node:wrap_up");
  await wire(page, "wrap_up", ["done", "expired", "none"], "node:survey");
  await wire(page, "survey", ["completed", "abandoned"], "node:close");
  await page.getByRole("button", { name: "Arrange" }).click();

  // Two defects are left: an exit that leads nowhere, and a text that reads what nothing sets. The check tells both, in the
  // list and on the nodes, and the list leads to each.
  const findings = page.getByRole("button", { name: "2 findings" });
  await findings.click();
  await centre.shot(page, "story-1-findings");
  expect(await page.locator(".drawer .finding.error").count()).toBe(2);
  await page.locator(".drawer .finding.error button", { hasText: "enqueue" }).click();
  await inspector(page).getByRole("heading", { name: "Wait for an agent" }).waitFor();
  await page.getByLabel("timeout", { exact: true }).selectOption("node:survey");
  await page.locator(".drawer .finding.error button", { hasText: "send_message" }).click();
  await inspector(page).getByLabel("in en").last().fill("Hello, we are away. Write to us tomorrow.");
  await page.getByRole("button", { name: "Sound" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  await centre.shot(page, "story-2-sound");

  await page.locator(".react-flow__pane").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("Control+z");
  await page.getByRole("button", { name: "1 finding" }).waitFor();
  await page.keyboard.press("Control+y");
  await page.getByRole("button", { name: "Sound" }).waitFor();
  await page.getByText("Saved", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Simulate" }).click();
  await page.getByLabel("Message of the contact…").fill("Hello");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByRole("button", { name: "Sales" }).click();
  await page.getByRole("button", { name: "Accept" }).click();
  await page.locator(".node-card.here", { hasText: "Wait for an agent" }).waitFor();
  // Backwards, thing by thing, and forwards again.
  const back = page.getByRole("button", { name: "Step back" });
  while ((await page.locator(".node-card.here", { hasText: "Menu" }).count()) === 0) await back.click();
  expect(await page.locator(".node-card.lit", { hasText: "Require skills" }).count()).toBe(0);
  await page.getByLabel("Step", { exact: true }).fill("1000");
  await page.locator(".node-card.here", { hasText: "Wait for an agent" }).waitFor();
  await centre.shot(page, "story-3-simulator");
  await page.getByRole("button", { name: "Save as a test" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("A contact reaches sales");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("tab", { name: "Tests" }).click();
  await page.getByRole("button", { name: "Run 1 test" }).click();
  await page.getByLabel("Passed").waitFor();
  // What the test went through, and what it did not, is drawn on the canvas.
  await page.locator(".node-card.covered", { hasText: "Wait for an agent" }).waitFor();
  await page.locator(".node-card.missed", { hasText: "Close" }).waitFor();
  await centre.shot(page, "story-3b-coverage");
  await page.getByText("Saved", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByLabel("What changed?").fill("The first version");
  await centre.shot(page, "story-4-publish");
  await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await page.getByText("Version 1 is published.").waitFor();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByText("The first version").first().waitFor();
  await centre.shot(page, "story-4-versions");

  await page.goto(`${centre.url}/settings/touchpoints/webchat`);
  await page.getByLabel("Flow", { exact: true }).selectOption("front-door");
  // The day on which this test runs makes no difference.
  await page.getByLabel("Opening hours", { exact: true }).selectOption("@always");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("button", { name: "Make the line to embed" }).click();
  publicKey = /data-key="([^"]+)"/.exec(await page.locator(".embed pre").innerText())?.[1] ?? "";
  expect(publicKey).toMatch(/^rw_/);
  expect(errors).toEqual([]);
  await admin.context.close();
});

test("a visitor, an agent and a supervisor complete a conversation through a reload and a loss of network", async () => {
  const lea = await centre.person(centre.keys.LEA, { theme: "dark" });
  await lea.page.getByRole("radio", { name: "Available" }).click();
  await lea.page.getByText("Waiting for the next contact.").waitFor();

  const visitor = await centre.visitor({ width: 1100, height: 800 });
  await visitor.page.goto(`${centre.url}/webchat-demo.html?key=${publicKey}&language=en`);
  await visitor.page.getByRole("button", { name: "Open the chat" }).click();
  const chat = visitor.page.getByRole("log");
  await say(visitor.page, "Hello");
  await chat.getByRole("button", { name: "Sales" }).click();
  await lea.page.getByRole("button", { name: "Accept" }).click();
  await lea.page.getByLabel("Write to the contact…").waitFor();
  await visitor.page.getByLabel("Your message…").pressSequentially("Do");
  await lea.page.getByText("The contact is writing…").waitFor();
  await visitor.page.getByLabel("Your message…").fill("");
  await lea.page.getByLabel("Write to the contact…").pressSequentially("Hel");
  await chat.getByText("Léa Martin is writing…").waitFor();
  await lea.page.getByLabel("Write to the contact…").fill("Hello, this is Léa.");
  await lea.page.keyboard.press("Enter");
  await chat.getByText("Hello, this is Léa.").waitFor();
  await centre.shot(visitor.page, "story-5-widget");
  await centre.shot(lea.page, "story-6-desk");

  // The network goes while the visitor writes; what he wrote arrives once, when it is back.
  await visitor.context.setOffline(true);
  await say(visitor.page, "Do you deliver before Friday?");
  await chat.getByText("Sending…").waitFor();
  await lea.page.reload();
  await visitor.context.setOffline(false);
  await visitor.page.reload();
  await visitor.page.getByRole("button", { name: "Open the chat" }).click();
  await lea.page.getByText("Do you deliver before Friday?").waitFor();
  await chat.getByText("Do you deliver before Friday?").waitFor();
  // A canned answer is put into the field, in the contact's language, and may be changed before it goes.
  await lea.page.getByLabel("Write to the contact…").press("/");
  await lea.page.getByLabel("Search an answer").fill("delivery");
  await centre.shot(lea.page, "story-6b-canned");
  await lea.page.keyboard.press("Enter");
  expect(await lea.page.getByLabel("Write to the contact…").inputValue()).toBe("We deliver within three working days, anywhere in France.");
  await lea.page.getByLabel("Write to the contact…").fill("Yes, within three days.");
  await lea.page.keyboard.press("Enter");
  await chat.getByText("Yes, within three days.").waitFor();
  for (const text of ["Hello, this is Léa.", "Do you deliver before Friday?", "Yes, within three days."]) {
    expect(await chat.getByText(text, { exact: true }).count(), text).toBe(1);
    expect(await lea.page.locator(".thread").getByText(text, { exact: true }).count(), text).toBe(1);
  }

  const supervisor = await centre.person(centre.keys.SUPERVISOR);
  await supervisor.page.locator("tr", { hasText: "Léa Martin" }).getByRole("link").waitFor();
  await centre.shot(supervisor.page, "story-7-floor");

  await lea.page.getByRole("button", { name: "End conversation" }).click();
  await lea.page.getByRole("radio", { name: "Sold" }).click();
  await centre.shot(lea.page, "story-8-record");
  await lea.page.getByRole("button", { name: "Close the record" }).click();
  await lea.page.getByText("Waiting for the next contact.").waitFor();
  // The survey comes once the agent is done: a scale to tap, and a free text.
  await centre.shot(visitor.page, "story-8b-survey");
  await chat.getByRole("button", { name: "5", exact: true }).click();
  await chat.getByText("Anything to add?").waitFor();
  await say(visitor.page, "Quick and kind");
  await chat.getByText("This conversation is over.").waitFor();

  await supervisor.page.getByRole("link", { name: "Interactions" }).click();
  await supervisor.page.locator("td a.main").first().click();
  await supervisor.page.getByText("Offer accepted").waitFor();
  await supervisor.page.getByText("sold").first().waitFor();
  await supervisor.page.getByText("satisfaction · rating").waitFor();
  await centre.shot(supervisor.page, "story-9-timeline");
  // Step by step: where it stood when the contact came to the line, and where before.
  await supervisor.page.getByRole("tab", { name: "Replay" }).click();
  const replay = supervisor.page.getByRole("region", { name: "Replay" });
  await replay.locator(".node-card.lit", { hasText: "Wait for an agent" }).waitFor();
  await replay.getByLabel("Step", { exact: true }).fill("4");
  await replay.locator(".node-card.here", { hasText: "Menu" }).waitFor();
  expect(await replay.locator(".node-card.lit").count()).toBe(2);
  await replay.getByRole("button", { name: "Step forward" }).click();
  await centre.shot(supervisor.page, "story-10-replay");
  expect([...lea.errors, ...supervisor.errors].filter((error) => !error.includes("WebSocket"))).toEqual([]);
});

function inspector(page: Page): Locator {
  return page.getByRole("complementary", { name: "Settings" });
}

/** Chooses a node by the keyboard, so that it may be out of sight. */
async function choose(page: Page, node: string): Promise<void> {
  await page.locator(`.react-flow__node[data-id="${node}"]`).focus();
  await page.keyboard.press("Enter");
}

async function wire(page: Page, node: string, exits: readonly string[], to: string): Promise<void> {
  await choose(page, node);
  for (const exit of exits) await page.getByLabel(exit, { exact: true }).selectOption(to);
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message…").fill(text);
  await page.keyboard.press("Enter");
}
