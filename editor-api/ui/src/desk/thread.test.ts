import { expect, test } from "vitest";
import { onTheirWay, saidSoFar, threadOf } from "./thread";
import type { Fact } from "./useDesk";

const said = (text: string): Fact => ({ at: "", fact: "message_sent", said: { text, by: { agent: "lea" } } });

test("a thread shows words and the few events that matter, each under a key that never changes", () => {
  const facts: Fact[] = [
    { at: "", fact: "message_received", message: { text: "", choice: "sales" } },
    { at: "", fact: "node_entered", node: "menu" },
    { at: "", fact: "offer_accepted", agent: "lea" },
    said("Hello"),
  ];
  expect(threadOf(facts).map((line) => [line.key, line.by, line.text])).toEqual([
    [0, "contact", "sales"],
    [2, "event", "offer_accepted"],
    [3, "agent", "Hello"],
  ]);
});

test("what a contact taps is told by the words he saw", () => {
  const facts: Fact[] = [
    { at: "", fact: "message_sent", said: { text: "What for?", by: "flow", options: [{ id: "sales", label: "To buy" }] } },
    { at: "", fact: "message_received", message: { choice: "sales" } },
  ];
  expect(threadOf(facts).map((line) => line.text)).toEqual(["What for?", "To buy"]);
});

test("a message is shown once, whether its answer or its fact comes first, even when it repeats an earlier one", () => {
  const before = threadOf([said("Yes")]);
  const first = { event_id: "a", text: "Yes", earlier: saidSoFar("Yes", before, []) };
  const second = { event_id: "b", text: "Yes", earlier: saidSoFar("Yes", before, [first]) };
  const sent = [first, second];
  expect(onTheirWay(sent, before)).toEqual(sent);
  expect(onTheirWay(sent, threadOf([said("Yes"), said("Yes")]))).toEqual([second]);
  expect(onTheirWay(sent, threadOf([said("Yes"), said("Yes"), said("Yes")]))).toEqual([]);
});
