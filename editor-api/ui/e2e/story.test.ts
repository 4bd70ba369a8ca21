// One story from end to end, on the real server: an administrator draws a flow, is told of defects, mends them, tries it,
// publishes it and puts it behind the webchat; a visitor, an agent and a supervisor then live through a conversation,
// with a reload and a loss of network in the middle.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { Centre } from "./harness";

let centre: Centre;
let errors: string[] = [];
let publicKey = "";

beforeAll(async () => {
  centre = await Centre.open();
});
afterAll(() => centre.close());

test("an administrator draws a flow, mends its defects, tries it and publishes it", async () => {
  const admin = await centre.person(centre.keys.ADMIN);
  errors = admin.errors;
  const { page } = admin;
  await page.getByRole("button", { name: "New flow" }).click();
  await page.getByLabel("Name").fill("Front door");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Drag a node here").waitFor();

  const palette = page.getByRole("complementary", { name: "Node types" });
  await palette.getByRole("button", { name: "Menu", exact: true }).click();
  await page.locator(".node-card", { hasText: "Menu" }).waitFor();
  await palette.getByRole("button", { name: "Wait for an agent" }).click();
  await palette.getByRole("button", { name: "Close" }).click();
  expect(await page.locator(".node-card").count()).toBe(3);

  // Nothing is wired yet, and the check says so beside the node and in the list.
  const findings = page.getByRole("button", { name: /finding/ });
  await findings.click();
  await page.locator(".drawer .finding.error").first().waitFor();
  await centre.shot(page, "story-1-findings");
  await page.locator(".drawer .finding.error button", { hasText: "menu" }).first().click();
  await findings.click();

  await wire(page, "menu", ["sales", "support", "no_match", "timeout"], "node:enqueue");
  await wire(page, "enqueue", ["ended", "timeout"], "node:close");
  await page.getByRole("button", { name: "Arrange" }).click();
  await page.getByRole("button", { name: "Sound" }).waitFor();
  await page.getByText("Saved", { exact: true }).waitFor();
  await centre.shot(page, "story-2-sound");

  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+y");
  await page.getByText("Saved", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Simulate" }).click();
  await page.getByLabel("Message of the contact…").fill("Hello");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByRole("button", { name: "Sales" }).click();
  await page.getByRole("button", { name: "Accept" }).click();
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
  await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await page.getByText("Version 1 is published.").waitFor();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByText("The first version").first().waitFor();
  await centre.shot(page, "story-4-versions");

  await page.goto(`${centre.url}/settings/touchpoints/webchat`);
  await page.getByLabel("Flow", { exact: true }).selectOption("front-door");
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
  await chat.getByText("This conversation is over.").waitFor();

  await supervisor.page.getByRole("link", { name: "Interactions" }).click();
  await supervisor.page.locator("td a.main").first().click();
  await supervisor.page.getByText("Offer accepted").waitFor();
  await supervisor.page.getByText("sold").first().waitFor();
  await centre.shot(supervisor.page, "story-9-timeline");
  // Step by step: where it stood when the contact came to the line, and where before.
  await supervisor.page.getByRole("tab", { name: "Replay" }).click();
  const replay = supervisor.page.getByRole("region", { name: "Replay" });
  await replay.locator(".node-card.lit", { hasText: "Wait for an agent" }).waitFor();
  await replay.getByLabel("Step", { exact: true }).fill("2");
  await replay.locator(".node-card.here", { hasText: "Menu" }).waitFor();
  expect(await replay.locator(".node-card.lit").count()).toBe(1);
  await replay.getByRole("button", { name: "Step forward" }).click();
  await centre.shot(supervisor.page, "story-10-replay");
  expect([...lea.errors, ...supervisor.errors].filter((error) => !error.includes("WebSocket"))).toEqual([]);
});

async function wire(page: Page, node: string, exits: readonly string[], to: string): Promise<void> {
  await page.locator(`.react-flow__node[data-id="${node}"]`).click();
  for (const exit of exits) await page.getByLabel(exit, { exact: true }).selectOption(to);
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message…").fill(text);
  await page.keyboard.press("Enter");
}
