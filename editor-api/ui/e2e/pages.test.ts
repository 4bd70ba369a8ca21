// Every page in both languages and both themes, at a desk's and at a phone's width: it shows, breaks no policy, throws
// nothing, runs over no edge, and has no serious accessibility defect.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { unnamedIn } from "../src/forms/names";
import type { Descriptor } from "../src/flows/model/types";
import { seriousFindings } from "./accessible";
import { Centre, type Look } from "./harness";

let centre: Centre;

beforeAll(async () => {
  centre = await Centre.open();
});
afterAll(() => centre.close());

const PAGES: readonly (readonly [name: string, path: string, ready: string])[] = [
  ["flows", "/flows", "table tbody tr"],
  ["editor", "/flows/accueil", ".node-card"],
  ["desk-choice", "/desk", ".agent-cards li"],
  ["desk", "/desk/lea", ".segments"],
  ["floor", "/floor", ".figures"],
  ["interactions", "/interactions", "h1"],
  ["touchpoints", "/settings/touchpoints/webchat", ".setting-form .field"],
  ["calendar", "/settings/calendars/office-hours", ".week"],
  ["questionnaire", "/settings/questionnaires/satisfaction", ".setting-form .field"],
  ["profile", "/settings/profiles/+", ".setting-form .field"],
  ["agent", "/settings/agents/lea", ".setting-form .field"],
  ["canned-answer", "/settings/canned-answers/delivery", ".setting-form .field"],
  ["skill", "/settings/skills/sales", ".setting-form .field"],
  ["disposition", "/settings/dispositions/sold", ".setting-form .field"],
  ["defaults", "/settings/defaults/+", ".setting-form .field"],
  ["table", "/settings/tables/+", ".setting-form .field"],
  ["secret", "/settings/secrets/+", ".setting-form .field"],
  ["node-type", "/settings/node-types/+", ".setting-form .field"],
  ["role", "/settings/roles/+", ".setting-form .field"],
  ["account", "/settings/accounts/+", ".setting-form .field"],
  ["routing-queue", "/settings/routing-queues/+", ".setting-form .field"],
  ["keys", "/settings/keys", "table tbody tr"],
  ["audit", "/settings/audit", "table tbody tr"],
];

/** The views of the editor, each by the tab or the node that opens it. */
const VIEWS: readonly (readonly [name: string, press: string, ready: string])[] = [
  ["editor-node", '.react-flow__node[data-id="menu"]', ".inspector .form"],
  ["editor-json", '[role="tab"]:nth-of-type(2)', ".json-view .code-editor"],
  ["editor-texts", '[role="tab"]:nth-of-type(3)', ".texts textarea"],
  ["editor-versions", '[role="tab"]:nth-of-type(4)', ".changes-canvas .node-card"],
];

type Seen = Required<Pick<Look, "language" | "theme" | "width">>;
const LOOKS: readonly Seen[] = [
  { language: "en", theme: "light", width: 1440 },
  { language: "fr", theme: "dark", width: 1440 },
  { language: "fr", theme: "light", width: 390 },
  { language: "en", theme: "dark", width: 390 },
];

for (const look of LOOKS) {
  const style = `${look.language}-${look.theme}${look.width < 600 ? "-phone" : ""}`;
  test(`every page shows in ${style}`, async () => {
    const { page, errors, context } = await centre.person(centre.keys.ADMIN, look);
    for (const [name, path, ready] of PAGES) {
      await page.goto(centre.url + path);
      await page.locator(ready).first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      await centre.shot(page, `${name}-${style}`);
      expect(await seriousFindings(page), name).toEqual([]);
      expect(await overflow(page), `${name} is wider than the window`).toBe(0);
    }
    await page.goto(`${centre.url}/flows/accueil`);
    for (const [name, press, ready] of VIEWS) {
      await page.locator(press).first().click();
      await page.locator(ready).first().waitFor();
      await centre.shot(page, `${name}-${style}`);
      expect(await seriousFindings(page), name).toEqual([]);
      expect(await overflow(page), `${name} is wider than the window`).toBe(0);
    }
    expect(errors).toEqual([]);
    await context.close();
  });
}

test("a stranger sees the sign-in page, and a wrong key is refused in words", async () => {
  const { page, context, errors } = await centre.visitor({ language: "fr" });
  await page.goto(`${centre.url}/flows`);
  await page.getByLabel("Votre clé").fill("rw_wrong");
  await page.getByRole("button", { name: "Se connecter" }).click();
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").innerText()).toContain("clé");
  await centre.shot(page, "signin-fr-light");
  expect(await seriousFindings(page)).toEqual([]);
  expect(errors).toEqual([]);
  await context.close();
});

test("every setting of every node type has its name in both languages", async () => {
  const { page, context } = await centre.person(centre.keys.ADMIN);
  const kinds = await page.evaluate(async () => ((await (await fetch("/api/v1/node-kinds")).json()) as { items: unknown[] }).items);
  expect(kinds.length).toBeGreaterThan(30);
  const unnamed = (kinds as readonly Descriptor[]).flatMap(({ kind, config }) => unnamedIn(config, {}).map((name) => `${kind}: ${name}`));
  expect(unnamed).toEqual([]);
  await context.close();
});

/** How many pixels of the page lie beyond the right edge of the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
}
