// Every page in both languages and both themes: it shows, breaks no policy, throws nothing, and has no serious
// accessibility defect.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { Centre, type Look } from "./harness";

let centre: Centre;
let axe: string;

beforeAll(async () => {
  centre = await Centre.open();
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
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
  ["keys", "/settings/keys", "table tbody tr"],
];

/** The views of the editor, each by the tab or the node that opens it. */
const VIEWS: readonly (readonly [name: string, press: string, ready: string])[] = [
  ["editor-node", '.react-flow__node[data-id="menu"]', ".inspector .form"],
  ["editor-json", '[role="tab"]:nth-of-type(2)', ".json-view .code-editor"],
  ["editor-texts", '[role="tab"]:nth-of-type(3)', ".texts textarea"],
  ["editor-versions", '[role="tab"]:nth-of-type(4)', ".changes-canvas .node-card"],
];

const LOOKS: readonly Look[] = [
  { language: "en", theme: "light" },
  { language: "fr", theme: "dark" },
];

for (const look of LOOKS) {
  test(`every page shows in ${look.language ?? ""}, ${look.theme ?? ""}`, async () => {
    const { page, errors, context } = await centre.person(centre.keys.ADMIN, look);
    for (const [name, path, ready] of PAGES) {
      await page.goto(centre.url + path);
      await page.locator(ready).first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      await centre.shot(page, `${name}-${look.language ?? ""}-${look.theme ?? ""}`);
      expect(await seriousFindings(page), name).toEqual([]);
    }
    await page.goto(`${centre.url}/flows/accueil`);
    for (const [name, press, ready] of VIEWS) {
      await page.locator(press).first().click();
      await page.locator(ready).first().waitFor();
      await centre.shot(page, `${name}-${look.language ?? ""}-${look.theme ?? ""}`);
      expect(await seriousFindings(page), name).toEqual([]);
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

async function seriousFindings(page: Page): Promise<readonly string[]> {
  // Put there by the browser's own debugger, so the page's policy stays as strict as it is.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    type Axe = { run: (options: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    const { run } = (globalThis as unknown as { axe: Axe }).axe;
    const { violations } = await run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    const serious = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
    return serious.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`);
  });
}
