import { expect, test } from "vitest";
import { blankOf, controlOf, helpOf, plain } from "./schema";
import type { JsonSchema } from "../flows/model/types";

const DEFINITIONS = { Channel: { type: "string", enum: ["sms", "webchat"] }, Localised: { type: "object" }, Words: { type: "object" } } as const;
const DURATION = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";

test.each<[string, JsonSchema, string]>([
  ["a name or nothing", { type: ["string", "null"] }, "text"],
  ["a duration", { type: "string", pattern: DURATION }, "duration"],
  ["words by language", { $ref: "#/components/schemas/Localised" }, "words"],
  ["words in both of our languages", { $ref: "#/components/schemas/Words" }, "words"],
  ["one of ours", { $ref: "#/components/schemas/Channel" }, "choice"],
  ["one of ours or nothing", { anyOf: [{ $ref: "#/components/schemas/Channel" }, { type: "null" }] }, "choice"],
  ["named constants", { oneOf: [{ const: "a" }, { const: "b" }] }, "choice"],
  ["a list", { type: "array", items: { type: "string" } }, "list"],
  ["a set of known values", { type: "array", uniqueItems: true, items: { $ref: "#/components/schemas/Channel" } }, "set"],
  ["levels by skill", { type: "object", patternProperties: { "^.+$": { type: "integer" } }, additionalProperties: false }, "map"],
  ["numbers by channel", { type: "object", additionalProperties: { type: "integer" } }, "map"],
  ["an expression", { type: "string", "x-slot": { slot: "expression", returns: "boolean" } }, "slot"],
  ["kinds told apart by a tag", { oneOf: [{ properties: { type: { const: "x" } } }, { properties: { type: { const: "y" } } }] }, "variant"],
  ["kinds told apart by their only member", { oneOf: [{ properties: { call: { type: "object" } } }, { properties: { mail: { type: "object" } } }] }, "keyed"],
  ["anything", {}, "json"],
])("%s is edited as such", (_, schema, control) => {
  expect(controlOf(schema, DEFINITIONS).is).toBe(control);
});

test("what begins holds what is required, and defaults", () => {
  const schema: JsonSchema = {
    type: "object",
    required: ["id", "answer", "list"],
    properties: {
      id: { type: "string" },
      answer: { oneOf: [{ required: ["type", "min"], properties: { type: { const: "scale" }, min: { type: "integer", minimum: 1 } } }] },
      list: { type: "array", minItems: 1, items: { type: "string" } },
      optional: { type: "boolean" },
    },
  };
  expect(blankOf(schema, {})).toEqual({ id: "", answer: { type: "scale", min: 1 }, list: [""] });
  expect(blankOf({ type: "integer", default: 3 }, {})).toBe(3);
});

test("help is in the reader's language or not there, and free of requirement ids", () => {
  const schema: JsonSchema = { description: "Most contacts (FCE-06).", "x-fr": "Contacts au plus." };
  expect([helpOf(schema, "en"), helpOf(schema, "fr")]).toEqual(["Most contacts.", "Contacts au plus."]);
  expect(helpOf({ description: "English only" }, "fr")).toBe("");
});

test("what stands beside a reference wins over what it refers to", () => {
  expect(plain({ $ref: "#/components/schemas/Channel", description: "Mine" }, DEFINITIONS)).toMatchObject({ description: "Mine", type: "string" });
});

test("an object with one member of several begins with the first of them", () => {
  const call: JsonSchema = { type: "object", required: ["number"], properties: { number: { type: "string" } } };
  expect(blankOf({ oneOf: [{ properties: { call } }, { properties: { mail: { type: "string" } } }] }, {})).toEqual({ call: { number: "" } });
});
