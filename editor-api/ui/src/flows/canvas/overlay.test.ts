import { expect, test } from "vitest";
import { compareDocuments } from "../model/compare";
import type { Descriptor, FlowDocument } from "../model/types";
import { cardsOf, wiresOf } from "./graph";
import { changesOverlay, coverageOverlay, pathOverlay } from "./overlay";

const before: FlowDocument = {
  schema: 1,
  id: "f",
  title: {},
  channels: [],
  texts: { hello: { en: "Hello" } },
  entry: "a",
  nodes: {
    a: { kind: "say", config: { text: "@hello" }, exits: { done: "b" } },
    b: { kind: "say", config: { text: "@bye" }, exits: { done: "c", error: "c" } },
    c: { kind: "close", config: {}, exits: {} },
  },
};
const after: FlowDocument = {
  ...before,
  texts: { hello: { en: "Good morning" } },
  nodes: { a: { kind: "say", config: { text: "@hello" }, exits: { done: "d" } }, b: { kind: "say", config: { text: "@bye" }, exits: { error: "d" } }, d: { kind: "close", config: {}, exits: {} } },
};
const kinds: ReadonlyMap<string, Descriptor> = new Map();

test("what changed is drawn where it is: what is gone stays in sight, and a text is drawn on the node that says it", () => {
  const overlay = changesOverlay(compareDocuments(before, after), before, after);
  expect([...overlay.nodes].sort()).toEqual([["a", "changed"], ["c", "removed"], ["d", "added"]]);
  const cards = cardsOf({ document: after, kinds, graves: new Map(), overlay, crowds: new Map() }, new Map());
  expect(cards.map((card) => [card.id, card.data.mark])).toEqual([["a", "changed"], ["b", null], ["d", "added"], ["c", "removed"]]);
  expect(cards.find((card) => card.id === "b")?.data.exits.map((exit) => [exit.name, exit.mark])).toEqual([["error", "changed"], ["done", "removed"]]);
  expect(wiresOf(after, overlay).map((wire) => [wire.source, wire.target, wire.className])).toEqual([
    ["a", "d", "changed"],
    ["b", "d", "changed"],
    ["a", "b", "removed"],
    ["b", "c", "removed"],
    ["b", "c", "removed"],
  ]);
});

test("coverage marks every node and every exit that leads somewhere", () => {
  const none = { missing: [] };
  const overlay = coverageOverlay(before, { nodes: { missing: ["c"] }, exits: none, error_exits: { missing: ["b.error"] }, cases: none });
  expect([...overlay.nodes]).toEqual([["a", "covered"], ["b", "covered"], ["c", "missed"]]);
  expect([...overlay.exits]).toEqual([["a.done", "covered"], ["b.done", "covered"], ["b.error", "missed"]]);
});

test("a card that the overlay does not touch stays the same object", () => {
  const scene = { document: before, kinds, graves: new Map(), crowds: new Map() };
  const first = cardsOf({ ...scene, overlay: pathOverlay([], [], null) }, new Map());
  const second = cardsOf({ ...scene, overlay: pathOverlay(["a"], ["a.done"], "b") }, new Map(first.map((card) => [card.id, card])));
  expect(second.map((card, at) => card === first[at])).toEqual([false, false, true]);
});
