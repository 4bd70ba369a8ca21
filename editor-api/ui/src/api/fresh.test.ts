// Browsers have `crypto.randomUUID` only where a page came over HTTPS or from the machine itself; a centre's own network may
// have neither.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { freshId } from "./fresh";

afterEach(() => vi.unstubAllGlobals());

test("ids are made where a page came over plain HTTP from another host", () => {
  const { crypto } = globalThis;
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const made = Array.from({ length: 100 }, freshId);
  expect(made.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(new Set(made).size).toBe(made.length);
});

test("no page asks for what only secure pages have without looking whether it is there", () => {
  const root = join(import.meta.dirname, "../..");
  const files = ["src", "widget"].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root, folder, name)));
  const sources = files.filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts"));
  expect(sources.length).toBeGreaterThan(50);
  const offences = sources.flatMap((name) => {
    const text = readFileSync(name, "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    const asks = /crypto\.(randomUUID|subtle)|navigator\.(clipboard|serviceWorker)/.exec(text)?.[0];
    return asks === undefined || text.includes("isSecureContext") ? [] : [`${name}: ${asks}`];
  });
  expect(offences).toEqual([]);
});
