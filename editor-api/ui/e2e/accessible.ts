// What axe finds on a page against WCAG 2.2 AA that is serious or worse.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

type Axe = { run: (options: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };

const source = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // Put there by the browser's own debugger, so the page's policy stays as strict as it is.
  await page.evaluate(await source);
  return page.evaluate(async () => {
    const { run } = (globalThis as unknown as { axe: Axe }).axe;
    const { violations } = await run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    const serious = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
    return serious.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`);
  });
}
