// An agent at two windows of one browser, and a reload at the worst moment: nothing that was said is lost or doubled.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { seriousFindings } from "./accessible";
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
  await page.getByRole("button", { name: "End conversation" }).click();
  await page.getByRole("button", { name: "Close the record" }).click();
  await page.getByText("Waiting for the next contact.").waitFor();
  await context.close();
});

test("an agent writes first, and answers his questionnaire before he closes the record", async () => {
  await centre.ask("POST", "/api/v1/questionnaires", {
    id: "record",
    settings: {
      title: { en: "Record", fr: "Fiche" },
      questions: [
        { id: "solved", text: { en: "Was it solved?", fr: "Est-ce résolu ?" }, answer: { type: "yes_no" } },
        { id: "mood", text: { en: "How was the contact?", fr: "Comment allait le contact ?" }, answer: { type: "scale", min: 1, max: 5 } },
        { id: "note", text: { en: "A word for colleagues", fr: "Un mot aux collègues" }, answer: { type: "text" }, required: false },
      ],
    },
  });
  await desk({ questionnaire: "record", questionnaire_button: true, components: [{ title: "CRM", url: "https://crm.example/?agent={user}", channels: ["sms"] }] });
  const { page, context, errors } = await centre.person(centre.keys.LEA);
  await page.getByRole("radio", { name: "Available" }).click();
  await page.getByRole("button", { name: "Write first" }).click();
  const dialog = page.getByRole("dialog", { name: "Begin a conversation" });
  await dialog.getByLabel("Touchpoint").selectOption({ label: "Text messages in office hours" });
  await dialog.getByLabel("Number").fill("+33600000103");
  await dialog.getByLabel("Text", { exact: true }).fill("Your lamp is ready.");
  // Nobody who never wrote is written to without having agreed (WAP-07).
  await dialog.getByRole("button", { name: "Write" }).click();
  await dialog.getByText("He never wrote here").waitFor();
  await centre.shot(page, "desk-begin");
  expect(await seriousFindings(page)).toEqual([]);
  await dialog.getByLabel("Where and when he agreed").fill("At the till, on 12 May");
  await dialog.getByRole("button", { name: "Write" }).click();
  await page.locator(".said.own", { hasText: "Your lamp is ready." }).waitFor();
  expect(await page.getByRole("link", { name: "CRM" }).getAttribute("href")).toBe("https://crm.example/?agent=lea");

  await page.getByRole("button", { name: "Questionnaire" }).click();
  await page.getByRole("dialog").getByLabel("Was it solved?").selectOption("Yes");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByRole("button", { name: "End conversation" }).click();
  await page.getByText("1 to answer").waitFor();
  // A reload loses none of what he answered.
  await page.reload();
  await page.getByText("1 to answer").waitFor();
  await page.getByLabel("How was the contact?").selectOption("4");
  await page.getByRole("radio", { name: "Resolved" }).click();
  await centre.shot(page, "desk-record");
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Close the record" }).click();
  await page.getByText("Waiting for the next contact.").waitFor();
  const found = (await centre.ask("GET", "/api/v1/interactions?text=%2B33600000103")) as { items: readonly { answers: unknown; disposition: string }[] };
  expect(found.items.map((one) => [one.answers, one.disposition])).toEqual([[{ record: { solved: true, mood: 4 } }, "resolved"]]);
  expect(errors).toEqual([]);
  await context.close();
});

test("the desk opens the page of the contact, goes on over the channels there are, sets aside and takes up again", async () => {
  await desk({ print: true });
  const flow = (await centre.ask("GET", "/api/v1/flows/accueil")) as { document: { nodes: { queue: { config: Record<string, unknown> } } } };
  flow.document.nodes.queue.config["screen_pop"] = "https://crm.example/?number=${contact.address}";
  await centre.ask("PUT", "/api/v1/flows/accueil", flow.document);
  await centre.ask("POST", "/api/v1/flows/accueil/publish", { message: "Open the customer's page", release: true });
  const whatsapp = (await centre.ask("GET", "/api/v1/touchpoints/whatsapp")) as { settings: Record<string, unknown> };
  await centre.ask("PUT", "/api/v1/touchpoints/whatsapp", { ...whatsapp.settings, conversation: { service: { first_response: "10m", resolution: "1h" } } });
  const { page, context, errors } = await centre.person(centre.keys.LEA, { language: "fr" });
  await page.getByRole("radio", { name: "Disponible" }).click();
  await centre.customer("+33600000104", "sales");
  const offer = page.locator(".offer");
  await offer.waitFor();
  expect(await offer.locator(".countdown").innerText()).toMatch(/^0:[0-5]\d$/);
  await page.getByRole("button", { name: "Accepter" }).click();
  await page.getByText("Première réponse dans").waitFor();
  const pop = page.getByRole("link", { name: "Ouvrir la page du contact" });
  expect(await pop.getAttribute("href")).toBe("https://crm.example/?number=+33600000104");
  expect([await pop.getAttribute("target"), await pop.getAttribute("rel")]).toEqual(["_blank", "noopener noreferrer"]);
  // One icon for each channel to which a WhatsApp conversation may be taken, and no other (MAX-08, MAX-09).
  const icons = page.getByRole("group", { name: "Poursuivre aussi sur un autre canal" }).getByRole("button");
  expect(await icons.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")))).toEqual(["Aussi par E-mail", "Aussi par Voix", "Aussi par SMS"]);
  await page.getByRole("button", { name: "Nouveau" }).click();
  await page.locator('.slot [aria-label="Mis de côté"]').waitFor();
  await centre.customer("+33600000105", "sales");
  await page.getByRole("button", { name: "Accepter" }).click();
  await page.locator(".slot").nth(1).waitFor();
  await centre.shot(page, "desk-aside");
  expect(await seriousFindings(page)).toEqual([]);
  await page.locator(".slot", { has: page.locator('[aria-label="Mis de côté"]') }).click();
  await page.getByRole("button", { name: "Reprendre" }).click();
  await page.locator('.slot [aria-label="Mis de côté"]').waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Terminer la conversation" }).click();
  expect(await page.locator(".record .countdown").innerText()).toMatch(/^(1:00|0:[0-5]\d)$/);
  await page.getByRole("button", { name: "Clore la fiche" }).click();
  await page.locator(".record").waitFor({ state: "detached" });
  expect(errors).toEqual([]);
  await context.close();
});

test("outside the messaging window a contact is written to with a template", async () => {
  await desk({});
  const whatsapp = (await centre.ask("GET", "/api/v1/touchpoints/whatsapp")) as { settings: Record<string, unknown> };
  await centre.ask("PUT", "/api/v1/touchpoints/whatsapp", {
    ...whatsapp.settings,
    conversation: { messaging_window: "24h" },
    templates: { ready: { languages: ["en_US", "fr"], parameters: 1, approved: true }, later: { languages: ["fr"] } },
  });
  const { page, context, errors } = await centre.person(centre.keys.LEA);
  await page.getByRole("radio", { name: "Available" }).click();
  await finishAll(page);
  await centre.customer("+33600000108", "sales");
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("button", { name: "Write with an approved template" }).click();
  const dialog = page.getByRole("dialog");
  // Only what the provider approved (WAP-13).
  expect(await dialog.getByLabel("Approved template").getByRole("option").allInnerTexts()).toEqual(["—", "ready"]);
  await dialog.getByLabel("Approved template").selectOption("ready");
  await dialog.getByLabel("Its language at the provider").selectOption("fr");
  await dialog.getByLabel("Placeholder 1").fill("Léa");
  await dialog.getByLabel("Text").fill("Votre lampe est prête, Léa.");
  await centre.shot(page, "desk-template");
  expect(await seriousFindings(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Send" }).click();
  await page.locator(".said.own", { hasText: "Votre lampe est prête, Léa." }).waitFor();
  const found = (await centre.ask("GET", "/api/v1/interactions?text=%2B33600000108")) as { items: readonly { id: string }[] };
  const timeline = (await centre.ask("GET", `/api/v1/interactions/${found.items[0]?.id ?? ""}/timeline`)) as { items: readonly { said?: { attached?: unknown } }[] };
  expect(timeline.items.at(-1)?.said?.attached).toEqual([{ attached: "template", name: "ready", language: "fr", parameters: ["Léa"] }]);
  await finishAll(page);
  expect(errors).toEqual([]);
  await context.close();
});

test("one more on demand, by SMS as well, a record for each channel, and a glance at each", async () => {
  // Nothing is given to him but what he asks for (MAX-05).
  await desk({}, { push: false });
  const { page, context, errors } = await centre.person(centre.keys.LEA);
  await page.getByRole("radio", { name: "Available" }).click();
  await finishAll(page);
  await page.getByRole("button", { name: "One more" }).click();
  await page.getByText("Nobody who waits fits you just now.").waitFor();
  await centre.customer("+33600000106", "sales");
  await page.getByRole("button", { name: "One more" }).click();
  await page.getByRole("button", { name: "Accept" }).click();

  await page.getByRole("button", { name: "Also by SMS" }).click();
  const dialog = page.getByRole("dialog");
  expect(await dialog.getByLabel("Number").inputValue()).toBe("+33600000106");
  await dialog.getByLabel("Skill").selectOption({ label: "General" });
  await dialog.getByLabel("Text").fill("This is the shop.");
  await centre.shot(page, "desk-elevate");
  expect(await seriousFindings(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Send" }).click();
  await page.locator(".legs", { hasText: "+33600000106" }).waitFor();
  expect(await page.getByRole("group", { name: "Go on over another channel as well" }).getByRole("button").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")))).toEqual(["Also by E-mail", "Also by Voice"]);
  await page.getByLabel("Write on").selectOption("SMS");
  await say(page, "Your lamp is ready.");
  await page.locator(".said.own", { hasText: "Your lamp is ready." }).waitFor();
  await page.getByRole("button", { name: "End on this channel" }).click();
  await page.locator(".legs .countdown").waitFor();
  await page.locator(".legs").getByRole("button", { name: "Close the record" }).click();
  await page.locator(".legs").waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Write first" }).click();
  await dialog.getByLabel("Number").fill("+33600000107");
  await dialog.getByLabel("Text", { exact: true }).fill("A word by text message.");
  await dialog.getByLabel("Where and when he agreed").fill("At the till");
  await dialog.getByRole("button", { name: "Write" }).click();
  const glance = page.getByRole("group", { name: "Contacts by channel" }).getByRole("button");
  await glance.nth(1).waitFor();
  await glance.and(page.getByTitle("SMS")).click();
  await page.locator(".slot").nth(1).waitFor({ state: "detached" });
  expect(await page.locator(".slot").innerText()).toContain("+33600000107");
  await centre.shot(page, "desk-glance");
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "All", exact: true }).click();
  await finishAll(page);
  expect(errors).toEqual([]);
  await context.close();
});

/** Ends whatever the agent has in hand. */
async function finishAll(page: Page): Promise<void> {
  while ((await page.locator(".slot").count()) > 0) {
    const slots = await page.locator(".slot").count();
    const isRecord = (await page.locator(".record").count()) > 0;
    if (!isRecord) await page.getByRole("button", { name: "End conversation" }).click();
    await page.locator(".record").getByRole("button", { name: "Close the record" }).click();
    await page.locator(".slot").nth(slots - 1).waitFor({ state: "detached" });
  }
}

/** The default profile, with a desk of its own. */
async function desk(settings: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<void> {
  const read = (await centre.ask("GET", "/api/v1/profiles/default")) as { settings: Record<string, unknown> };
  await centre.ask("PUT", "/api/v1/profiles/default", { ...read.settings, parked_max: 2, ...more, desk: settings });
}

function field(page: Page) {
  return page.getByLabel("Write to the contact…");
}

async function say(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await page.keyboard.press("Enter");
}
