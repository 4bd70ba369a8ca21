// The webchat in a customer's page: out of hours it takes messages in a form, without WebSockets it still carries a
// conversation, and anybody can use it.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { seriousFindings } from "./accessible";
import { Centre, type Look } from "./harness";

let centre: Centre;

beforeAll(async () => {
  centre = await Centre.open();
});
afterAll(() => centre.close());

test.each<Look>([{ theme: "light", language: "en" }, { theme: "dark", language: "fr", width: 390, height: 800 }])("out of hours, a form takes the message and the address: %o", async (look) => {
  const at = `webchat-away-${look.language ?? ""}`;
  await put("calendars", "away", { title: {}, zone: "Europe/Paris", weekly: {}, special: [{ date: "2099-01-05", windows: [{ from: "09:00", to: "17:00" }] }] });
  const touchpoint = { channel: "webchat", title: {}, default_skill: "general", default_flow: "accueil", calendar: "away", locale: "fr", active: true };
  await put("touchpoints", at, touchpoint);
  const { key } = (await post("keys", { role: "visitor", touchpoint: at, title: at })) as { key: string };
  const { page, context, errors } = await centre.visitor(look);
  const isFrench = look.language === "fr";
  await page.goto(`${centre.url}/webchat-demo.html?key=${key}&language=${look.language ?? ""}`);
  await page.getByRole("button", { name: isFrench ? "Ouvrir le chat" : "Open the chat" }).click();
  const form = page.getByRole("form");
  await form.getByText(isFrench ? /Nous revenons lundi 5 janvier/ : /We are back Monday,? (5 January|January 5)/).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await centre.shot(page, at);
  // An address that is none is held back by the browser, and nothing goes.
  await form.getByLabel(isFrench ? "Votre message" : "Your message").fill("My lamp is broken.");
  await form.getByLabel(isFrench ? "Votre adresse e-mail" : "Your e-mail address").fill("ana");
  await form.getByRole("button").click();
  expect(await form.count()).toBe(1);
  await form.getByLabel(isFrench ? "Votre adresse e-mail" : "Your e-mail address").fill("ana@example.org");
  await form.getByLabel(isFrench ? "Votre nom" : "Your name").fill("Ana");
  await form.getByRole("button").click();
  await page.getByRole("log").getByText(/ana@example\.org/).waitFor();
  expect(await form.count()).toBe(0);
  // It reached the flow as it was left.
  const { items } = (await get(`interactions?touchpoint=${at}&limit=5`)) as { items: { contact: object; disposition: string }[] };
  expect(items.map(({ contact, disposition }) => [contact, disposition])).toEqual([[expect.objectContaining({ name: "Ana", fields: { email: "ana@example.org" } }), "message_taken"]]);
  expect(errors).toEqual([]);
  await context.close();
});

test("where no WebSocket comes through, plain requests carry the conversation, and a reload doubles nothing", async () => {
  const { page, context } = await centre.visitor({ width: 1100, height: 800 });
  await context.addInitScript(() => {
    class Refused {
      static readonly OPEN = 1;
      readonly readyState = 3;
      onclose: (() => void) | null = null;
      constructor() {
        queueMicrotask(() => this.onclose?.());
      }
    }
    Object.assign(globalThis, { WebSocket: Refused });
  });
  await page.goto(`${centre.url}/webchat-demo.html?key=${centre.keys.WEBCHAT}&language=en`);
  await page.getByRole("button", { name: "Open the chat" }).click();
  await page.getByLabel("Your message…").fill("Hello");
  await page.keyboard.press("Enter");
  const log = page.getByRole("log");
  await log.locator(".said.flow").first().waitFor();
  expect(await said(page)).toBe(1);
  await page.reload();
  await page.getByRole("button", { name: "Open the chat" }).click();
  await log.locator(".said.flow").first().waitFor();
  expect(await said(page)).toBe(1);
  await context.close();
});

function said(page: Page): Promise<number> {
  return page.getByRole("log").locator(".said.visitor", { hasText: "Hello" }).count();
}

const headers = () => ({ Authorization: `Bearer ${centre.keys.ADMIN}`, "Content-Type": "application/json" });

async function put(kind: string, id: string, settings: object): Promise<void> {
  const there = await fetch(`${centre.url}/api/v1/${kind}/${id}`, { headers: headers() });
  if (there.status !== 200) await post(kind, { id, settings });
}

async function post(path: string, body: object): Promise<unknown> {
  const response = await fetch(`${centre.url}/api/v1/${path}`, { method: "POST", headers: headers(), body: JSON.stringify(body) });
  expect(response.status, await response.clone().text()).toBe(201);
  return response.json();
}

async function get(path: string): Promise<unknown> {
  return (await fetch(`${centre.url}/api/v1/${path}`, { headers: headers() })).json();
}
