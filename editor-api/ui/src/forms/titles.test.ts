// Whatever the catalogue lets people set has a short name in both languages, and so have the values one chooses from.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { kindsOf } from "../settings/kinds";
import type { JsonSchema } from "../flows/model/types";
import { unexplainedIn, unnamedIn } from "./names";

const document = JSON.parse(readFileSync(new URL("../../../../docs/openapi.json", import.meta.url), "utf8")) as { components: { schemas: Record<string, JsonSchema> } };
const { schemas } = document.components;

test.each(kindsOf(schemas).map((kind) => [kind.path, kind.schema] as const))("every setting of %s has its name", (_, name) => {
  expect(unnamedIn(schemas[name] ?? {}, schemas)).toEqual([]);
});

test.each(kindsOf(schemas).map((kind) => [kind.path, kind.schema] as const))("every setting of %s is explained in both languages", (_, name) => {
  expect(unexplainedIn(schemas[name] ?? {}, schemas)).toEqual([]);
});

test("help in one language alone is found wherever it is", () => {
  const own: JsonSchema = { type: "object", properties: { a: { description: "Only here" }, b: { description: "Both", "x-fr": "Les deux" }, c: {} } };
  expect(unexplainedIn({ properties: { deep: { type: "array", items: { $ref: "#/components/schemas/Own" } } } }, { Own: own })).toEqual(["/deep/a"]);
});

test("a setting without a name is found wherever it is", () => {
  const schema: JsonSchema = { type: "object", properties: { title: { type: "string" }, deep: { type: "array", items: { $ref: "#/components/schemas/Own" } } } };
  const own: JsonSchema = { type: "object", properties: { quux: { enum: ["sms", "fax"] } } };
  expect(unnamedIn(schema, { Own: own })).toEqual(["deep", "quux", "quux = fax"]);
});
