import { expect, test } from "vitest";
import { factsOf, linesOf, othersIn, pathOf, testOf, ticksOf } from "./reading";
import type { Moment } from "./useRehearsal";

const fact = (name: string, members: Record<string, unknown> = {}) => ({ at: "2026-01-12T09:00:00Z", fact: name, ...members });
const moments = [
  {
    step: 0,
    at: "",
    facts: [
      fact("interaction_opened", { flow: { flow: "f", version: 1 } }),
      fact("node_entered", { node: "ask", depth: 0 }),
      fact("attribute_set", { name: "tries", value: 1 }),
      fact("message_sent", { said: { by: "flow", text: "Which?", options: [{ id: "a", label: "Apples" }] } }),
    ],
    interaction: { at: [{ flow: "f", node: "ask" }] },
  },
  { step: 1, at: "", facts: [] },
  {
    step: 2,
    at: "",
    facts: [fact("message_received", { message: { choice: "a" } }), fact("exit_taken", { node: "ask", exit: "a", depth: 0 }), fact("interaction_ended", { disposition: "done" })],
    interaction: { at: [] },
  },
] as unknown as readonly Moment[];

test("everything that happened is a tick, and so is a step after which nothing did", () => {
  const ticks = ticksOf(moments);
  expect(ticks.map(({ moment, fact }) => [moment, fact?.fact ?? null])).toEqual([
    [0, "interaction_opened"],
    [0, "node_entered"],
    [0, "attribute_set"],
    [0, "message_sent"],
    [1, null],
    [2, "message_received"],
    [2, "exit_taken"],
    [2, "interaction_ended"],
  ]);
  const path = (until: number) => pathOf("f", factsOf(ticks.slice(0, until)));
  expect([path(0).here, path(2).here, path(8).here]).toEqual([null, "ask", null]);
  expect([[...path(6).exits], [...path(7).exits]]).toEqual([[], [["ask.a", "lit"]]]);
  expect(pathOf("g", factsOf(ticks)).nodes.size).toBe(0);
});

test("what a contact taps is told by the words he saw", () => {
  expect(linesOf(factsOf(ticksOf(moments))).map((line) => [line.by, line.text])).toEqual([
    ["flow", "Which?"],
    ["contact", "Apples"],
    ["event", "done"],
  ]);
});

test("a rehearsal kept as a test expects after each step what was said and where it stood", () => {
  const steps = [{ contact_says: "Hi" }, { time_passes: "5m" }, { contact_chooses: "a" }];
  expect(testOf("t", { locale: "en", given: {} }, steps, moments).steps).toEqual([
    { contact_says: "Hi" },
    { expect: { says: ["Which?"], at: "ask" } },
    { time_passes: "5m" },
    { contact_chooses: "a" },
    { expect: { ended: "done" } },
  ]);
});

test("of the other contacts one sees how many wait, and who has one that he may act on", () => {
  const others = [{ state: "waiting" }, { state: "offered", agent: "lea" }, { state: "active", agent: "hugo" }, { state: "wrap_up", agent: "emma" }, { state: "wrap_up", agent: "emma" }, { state: "offered", agent: "emma" }] as const;
  expect(othersIn({ others: [...others] }, "hugo")).toEqual({ inLine: 3, held: [{ agent: "lea", state: "offered" }, { agent: "emma", state: "wrap_up" }, { agent: "emma", state: "offered" }] });
  expect(othersIn({ others: [] }, null)).toEqual({ inLine: 0, held: [] });
});
