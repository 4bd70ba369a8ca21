import { expect, test } from "vitest";
import { replayOf, type ReplayFact } from "./replay";

const fact = (name: string, members: Record<string, unknown> = {}): ReplayFact => ({ at: "", fact: name, ...members });
const flow = (id: string, version: number) => ({ flow: { flow: id, version } });

test("after each fact: which flows run, where they stand, what they keep", () => {
  const steps = replayOf([
    fact("interaction_opened", flow("welcome", 3)),
    fact("node_entered", { node: "ask", depth: 0 }),
    fact("attribute_set", { name: "customer", value: "Ana" }),
    fact("exit_taken", { node: "ask", exit: "done", depth: 0 }),
    fact("node_entered", { node: "call", depth: 0 }),
    fact("subflow_called", flow("identify", 1)),
    fact("node_entered", { node: "look", depth: 1 }),
    fact("attribute_set", { name: "found", value: true }),
    fact("subflow_returned", { ...flow("identify", 1), end: "done" }),
    fact("attribute_set", { name: "customer", value: "A-17" }),
  ]);
  const standing = (at: number) => steps[at]?.map((frame) => [`${frame.flow}@${frame.version}`, frame.node, frame.attributes]);
  expect(standing(0)).toEqual([["welcome@3", null, {}]]);
  expect(standing(2)).toEqual([["welcome@3", "ask", { customer: "Ana" }]]);
  expect(standing(7)).toEqual([["welcome@3", "call", { customer: "Ana" }], ["identify@1", "look", { found: true }]]);
  expect(standing(9)).toEqual([["welcome@3", "call", { customer: "A-17" }]]);
  expect([...(steps[9]?.[0]?.exits ?? [])]).toEqual(["ask.done"]);
});

test("a fact of the outer flow ends what ran inside, and another flow takes the place of all", () => {
  const steps = replayOf([
    fact("interaction_opened", flow("a", 1)),
    fact("subflow_called", flow("music", 1)),
    fact("node_entered", { node: "queue", depth: 0 }),
    fact("flow_changed", flow("b", 2)),
    fact("interaction_ended", { disposition: "done" }),
  ]);
  expect(steps.map((standing) => standing.map((frame) => frame.flow))).toEqual([["a"], ["a", "music"], ["a"], ["b"], ["b"]]);
});

test("an interaction that no flow took has none", () => {
  expect(replayOf([fact("interaction_opened", { flow: null })])).toEqual([[]]);
});
