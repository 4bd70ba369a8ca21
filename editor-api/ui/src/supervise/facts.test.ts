// Everything that can happen to an interaction has its words: the engine's list of facts is the truth of it.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { en } from "../i18n/en";

test("every fact of the engine is told in words", () => {
  const source = readFileSync(new URL("../../../../engine/core/src/fact.rs", import.meta.url), "utf8");
  const body = /pub enum Fact \{\n([^]*?)\n\}/.exec(source)?.[1] ?? "";
  const facts = [...body.matchAll(/^ {4}([A-Z]\w+) \{/gm)].map(([, name = ""]) => name.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase());
  expect(facts.length).toBeGreaterThan(40);
  expect(facts.filter((name) => !(`fact.${name}` in en))).toEqual([]);
});
