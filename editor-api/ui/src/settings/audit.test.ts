import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { en } from "../i18n/en";
import { toldOf } from "./audit";

const change = (kind: string, id: string, more = {}) => ({ action: "put", kind, id, ...more });

test("a release is told once, with what was done and why", () => {
  const told = toldOf([change("release", "shop"), change("release_note", "shop@0000000002", { done: "rolled_back", message: "4 asks badly" })]);
  expect(told).toEqual([{ did: "release.rolled_back", kind: "audit.kind.release", id: "shop", to: "/flows/shop", why: "4 asks badly" }]);
});

test("each thing leads to its page, and what is gone to none", () => {
  const to = (kind: string, id: string, action = "put") => toldOf([change(kind, id, { action })])[0]?.to;
  expect([to("canned_answer", "hello"), to("flow_version", "shop@3"), to("defaults", "general"), to("api_key", "abc")]).toEqual(["/settings/canned-answers/hello", "/flows/shop", "/settings/defaults/general", "/settings/keys"]);
  expect([to("skill", "sales", "delete"), to("session", "x")]).toEqual([null, null]);
});

test("a contact that a supervisor gave away is told with the agent and the reason", () => {
  const given = { action: "assign", kind: "interaction", id: "i7", to: "lea", as: "emma", force: true, reason: "He knows her" };
  expect(toldOf([given])).toEqual([{ did: "audit.did.assign", kind: "audit.kind.interaction", id: "i7", to: "/interactions/i7", why: "→ lea He knows her" }]);
});

test("every kind of document that the server keeps has its word", () => {
  const source = readFileSync(new URL("../../../../engine/runtime/src/documents.rs", import.meta.url), "utf8");
  const body = /pub enum DocumentKind \{\n([^]*?)\n\}/.exec(source)?.[1] ?? "";
  const kinds = [...body.matchAll(/^ {4}([A-Z]\w+),$/gm)].map(([, name = ""]) => name.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase());
  expect(kinds.length).toBeGreaterThan(20);
  // Neither of them is ever written in the trail.
  const told = kinds.filter((kind) => kind !== "audit" && kind !== "idempotency");
  expect(told.filter((kind) => toldOf([change(kind, "x")])[0]?.kind === "audit.kind.other")).toEqual([]);
  expect(told.every((kind) => (toldOf([change(kind, "x")])[0]?.kind ?? "") in en)).toBe(true);
});
