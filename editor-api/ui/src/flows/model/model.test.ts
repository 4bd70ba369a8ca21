import { describe, expect, test } from "vitest";
import { addNode, alignNodes, changeNode, connect, copyNodes, disconnect, pasteNodes, positionsOf, removeNodes, renameNode, withPositions } from "./edit";
import { addComment, changeComment, commentsOf, removeComments } from "./comments";
import { exitsOf } from "./exits";
import { begin, change, redo, undo } from "./history";
import { compareDocuments } from "./compare";
import { entriesOf, extract } from "./extract";
import { emptyDocument, idFrom } from "./blank";
import { mergeDrafts, settled } from "./merge";
import { arrange, sketchOf } from "./place";
import { rangeOf } from "./pointer";
import { smsParts } from "./sms";
import type { Descriptor, FlowDocument } from "./types";

/** A flow of two wired nodes. */
function pair(): FlowDocument {
  const [one] = addNode(emptyDocument("f", { en: "F" }), "menu", {}, { x: 0, y: 0 });
  const [two] = addNode(one, "close", {}, { x: 300, y: 0 });
  return connect(two, "menu", "timeout", "close");
}

describe("edits", () => {
  test("the first node is the entry, and ids are never used twice", () => {
    const [one, first] = addNode(emptyDocument("f", {}), "menu", {}, { x: 0, y: 0 });
    const [two, second] = addNode(one, "menu", {}, { x: 10, y: 10.4 });
    expect([one.entry, first, second]).toEqual(["menu", "menu", "menu_2"]);
    expect(positionsOf(two)["menu_2"]).toEqual({ x: 10, y: 10 });
  });

  test("taking a node away takes the wires that led to it", () => {
    expect(removeNodes(pair(), ["close"]).nodes["menu"]?.exits).toEqual({});
  });

  test("an end is no node: it stays when nodes go", () => {
    const ended = connect(pair(), "menu", "sales", { end: "close" });
    expect(removeNodes(ended, ["close"]).nodes["menu"]?.exits).toEqual({ sales: { end: "close" } });
  });

  test("a new id is told to everything that names the node", () => {
    const renamed = renameNode({ ...pair(), handlers: { error: "close" } }, "close", "bye");
    expect(renamed.nodes["menu"]?.exits).toEqual({ timeout: "bye" });
    expect([renamed.handlers?.error, Object.keys(positionsOf(renamed)).sort()]).toEqual(["bye", ["bye", "menu"]]);
    expect(renameNode(pair(), "close", "menu")).toEqual(pair());
  });

  test("a copy is wired among itself, not to what it was copied from", () => {
    const both = pasteNodes(pair(), copyNodes(pair(), ["menu", "close"]));
    expect(both[0].nodes["menu_2"]?.exits).toEqual({ timeout: "close_2" });
    const alone = pasteNodes(pair(), copyNodes(pair(), ["menu"]));
    expect(alone[0].nodes["menu_2"]?.exits).toEqual({});
  });

  test("aligned nodes stand where the first one stands", () => {
    expect(positionsOf(alignNodes(pair(), ["menu", "close"], "column"))).toEqual({ menu: { x: 0, y: 0 }, close: { x: 0, y: 0 } });
    expect(positionsOf(alignNodes(pair(), ["close", "menu"], "row"))).toEqual({ menu: { x: 0, y: 0 }, close: { x: 300, y: 0 } });
  });

  test("a wire can be taken off and put back", () => {
    expect(connect(disconnect(pair(), "menu", "timeout"), "menu", "timeout", "close")).toEqual(pair());
  });
});

describe("exits", () => {
  const descriptor = {
    exits: { fixed: [{ name: "timeout", role: "timeout", docs: {} }, { name: "human", role: "normal", docs: {}, only_if: "/human" }], from_config: "/options/*/id" },
  } as unknown as Descriptor;
  test.each([
    [{ options: [{ id: "a" }, { id: "b" }] }, ["a", "b", "timeout"]],
    [{ options: [{ id: "a" }, { id: "a" }], human: true }, ["a", "timeout", "human"]],
    [{}, ["timeout", "gone"]],
  ])("of %j", (config, names) => {
    const exits = names.includes("gone") ? { gone: "x" } : {};
    expect(exitsOf({ kind: "menu", config, exits }, descriptor).map((exit) => exit.name)).toEqual(names);
  });

  test("a final star takes the keys", () => {
    const keyed = { exits: { fixed: [], from_config: "/cases/*" } } as unknown as Descriptor;
    expect(exitsOf({ kind: "switch", config: { cases: { x: 1, y: 2 } } }, keyed).map((exit) => exit.name)).toEqual(["x", "y"]);
  });
});

describe("history", () => {
  test("quick changes of one topic are one step; another topic is another", () => {
    const typed = change(change(change(begin("a"), "ab", "text", 0), "abc", "text", 100), "abc!", "mark", 200);
    expect(undo(typed).present).toBe("abc");
    expect(undo(undo(typed)).present).toBe("a");
    expect(redo(redo(undo(undo(typed)))).present).toBe("abc!");
  });
  test("a new change forgets what was undone", () => {
    expect(redo(change(undo(change(begin(1), 2, "x", 0)), 3, "x", 5000)).present).toBe(3);
  });
});

describe("merging two authors", () => {
  const base = pair();
  const say = (text: string, timeout: string) => changeNode(base, "menu", (node) => ({ ...node, config: { text, timeout } }));

  test("work on two nodes, and on two settings of one, is joined", () => {
    const mine = connect(base, "menu", "timeout", { end: "late" });
    const theirs = addNode(base, "wait", {}, { x: 0, y: 9 })[0];
    const { document, disputed } = mergeDrafts(base, mine, theirs);
    expect([document.nodes["menu"]?.exits, document.nodes["wait"]?.kind, disputed]).toEqual([{ timeout: { end: "late" } }, "wait", []]);
    const first = say("Hello", "1m");
    const joined = mergeDrafts(first, say("Good morning", "1m"), say("Hello", "5m"));
    expect([joined.document.nodes["menu"]?.config, joined.disputed]).toEqual([{ text: "Good morning", timeout: "5m" }, []]);
  });

  test("what both changed is disputed, part by part, and taken as a person says", () => {
    const merge = mergeDrafts(say("Hello", "1m"), say("Good morning", "2m"), say("Good evening", "5m"));
    expect(merge.disputed.map((part) => [part.path.join("/"), part.base, part.mine, part.theirs])).toEqual([
      ["nodes/menu/config/text", "Hello", "Good morning", "Good evening"],
      ["nodes/menu/config/timeout", "1m", "2m", "5m"],
    ]);
    expect(merge.document.nodes["menu"]?.config).toEqual({ text: "Good morning", timeout: "2m" });
    expect(settled(merge, merge.disputed.slice(1)).nodes["menu"]?.config).toEqual({ text: "Good morning", timeout: "5m" });
  });

  test("a node that one took away and the other changed is asked for, and may go", () => {
    const merge = mergeDrafts(base, connect(base, "menu", "timeout", { end: "late" }), removeNodes(base, ["menu"]));
    expect(merge.disputed.map((part) => part.path)).toEqual([["nodes", "menu"]]);
    expect(Object.keys(settled(merge, merge.disputed).nodes)).toEqual(["close"]);
  });

  test("where something stands is worth no question, what a comment says is", () => {
    const [commented, id] = addComment(base, { x: 0, y: 0 });
    const moved = (x: number) => withPositions(changeComment(commented, id, { x }), { menu: { x, y: 0 } });
    const { document, disputed } = mergeDrafts(commented, moved(7), moved(9));
    expect([positionsOf(document)["menu"], commentsOf(document)[id]?.x, disputed]).toEqual([{ x: 7, y: 0 }, 7, []]);
    const said = (text: string) => changeComment(commented, id, { text });
    expect(mergeDrafts(commented, said("a"), said("b")).disputed.map((part) => part.path)).toEqual([["layout", "comments", id, "text"]]);
  });
});

describe("comments", () => {
  test("come, change and go without a trace in what the flow means", () => {
    const [one, first] = addComment(pair(), { x: 1.4, y: 2 });
    const [two, second] = addComment(one, { x: 5, y: 5 });
    expect([first, second]).toEqual(["c1", "c2"]);
    const told = changeComment(two, second, { text: "Ask Ana", width: 300.6 });
    expect(commentsOf(told)[second]).toEqual({ x: 5, y: 5, width: 301, height: 110, text: "Ask Ana" });
    expect(changeComment(told, "c9", { text: "x" })).toBe(told);
    expect(Object.keys(commentsOf(removeComments(told, [first])))).toEqual(["c2"]);
    expect(compareDocuments(pair(), told)).toEqual([]);
  });
});

describe("comparing documents", () => {
  test("says what changed, where, and nothing about places", () => {
    const before = pair();
    const moved = { ...before, layout: {} };
    expect(compareDocuments(before, moved)).toEqual([]);
    const empties = { ...before, texts: {}, tests: [], handlers: {}, library: "" };
    expect(compareDocuments(before, empties)).toEqual([]);
    const after = connect(addNode(before, "wait", {}, { x: 0, y: 0 })[0], "menu", "timeout", "wait");
    expect(compareDocuments(before, after).map((one) => [one.change, one.subject, one.where, one.what])).toEqual([
      ["changed", "exit", "menu", "timeout"],
      ["added", "node", "wait", "wait"],
    ]);
  });
});

describe("extracting nodes to a sub-flow", () => {
  /** ask -> save -> (done: bye, error: end failed), ask.timeout -> bye. */
  const document: FlowDocument = {
    schema: 1,
    id: "f",
    title: { en: "F" },
    channels: ["webchat"],
    attributes: { customer: { type: "string" }, customers: { type: "integer" } },
    library: "fn tidy(x) { x.trim() }",
    texts: { who: { en: "Who?" }, bye: { en: "Bye" } },
    entry: "ask",
    handlers: { disconnect: "ask" },
    nodes: {
      ask: { kind: "ask", config: { text: "@who", into: "customer" }, exits: { answered: "save", timeout: "bye" } },
      save: { kind: "run_script", config: { code: "attributes.customer.to_upper()" }, exits: { done: "bye", error: { end: "failed" } } },
      bye: { kind: "ask", config: { text: "@bye", into: "customer" }, exits: { done: { end: "done" } } },
    },
    layout: { nodes: { ask: { x: 5, y: 6 } } },
  };

  test("what they mention goes in and comes back, and each place they lead to is an end of its own", () => {
    const made = extract(document, ["ask", "save"], "who", { en: "Who" });
    expect(made?.flow).toMatchObject({ id: "who", entry: "ask", inputs: { customer: { type: "string" } }, outputs: { customer: { type: "string" } }, texts: { who: { en: "Who?" } } });
    expect(made?.flow.nodes["ask"]?.exits).toEqual({ answered: "save", timeout: { end: "bye" } });
    expect(made?.flow.nodes["save"]?.exits).toEqual({ done: { end: "bye" }, error: { end: "failed" } });
    expect(Object.keys(made?.flow.inputs ?? {})).toEqual(["customer"]);
    const { caller, node } = made ?? { caller: document, node: "" };
    expect(Object.keys(caller.nodes).sort()).toEqual(["bye", "subflow"]);
    expect([caller.entry, caller.handlers?.disconnect, node]).toEqual(["subflow", "subflow", "subflow"]);
    expect(caller.nodes["subflow"]).toMatchObject({ config: { flow: "who", inputs: { customer: "attributes.customer" }, outputs: { customer: "customer" }, ends: ["failed"] }, exits: { done: "bye", failed: { end: "failed" } } });
    expect(caller.texts).toEqual({ bye: { en: "Bye" } });
    expect(positionsOf(caller)["subflow"]).toEqual({ x: 5, y: 6 });
  });

  test("what nobody outside sets begins in the new flow, and a library goes with those who call it", () => {
    const alone = changeNode(document, "bye", (node) => ({ ...node, config: { text: { en: "Bye ${attributes.customer}" } } }));
    const made = extract(alone, ["ask", "save"], "who", { en: "Who" });
    expect([made?.given, made?.flow.inputs, made?.flow.attributes, made?.flow.outputs]).toEqual([[], {}, { customer: { type: "string" } }, { customer: { type: "string" } }]);
    expect([made?.flow.library, made?.caller.library]).toEqual([undefined, undefined]);
    const tidied = changeNode(alone, "save", (node) => ({ ...node, config: { code: "tidy(attributes.customer)" } }));
    const moved = extract(tidied, ["ask", "save"], "who", { en: "Who" });
    expect([moved?.flow.library, moved?.caller.library]).toEqual([document.library, undefined]);
  });

  test("nodes that are entered at two places stay where they are", () => {
    expect(entriesOf(document, ["ask", "bye"])).toEqual(["ask", "bye"]);
    expect(extract(document, ["ask", "bye"], "x", {})).toBeNull();
    expect(extract(document, [], "x", {})).toBeNull();
  });
});

describe("the place of a pointer in a text", () => {
  const text = '{ "nodes": { "a/b": { "config": { "list": [1, {"x": "y\\"z"}] } } } }';
  test.each([
    ["/nodes/a~1b/config/list/1/x", '"x": "y\\"z"'],
    ["/nodes/a~1b/config/list/0", "1"],
    ["/nodes/a~1b/missing", "{"],
  ])("%s", (pointer, found) => {
    const [from, to] = rangeOf(text, pointer);
    expect(text.slice(from, to)).toBe(found);
  });
});

test("a layout gives every node a place of its own, the entry leftmost", () => {
  const places = arrange(sketchOf(pair(), new Map()));
  expect(places["menu"]!.x).toBeLessThan(places["close"]!.x);
});

test.each([
  ["", 1],
  ["a".repeat(160), 1],
  ["a".repeat(161), 2],
  ["€".repeat(80), 1],
  ["ê".repeat(71), 2],
])("SMS parts of %j", (text, parts) => expect(smsParts(text)).toBe(parts));

test.each([
  ["Accueil & Orientation", "accueil-orientation"],
  ["Été à Nîmes !", "ete-a-nimes"],
  ["—", ""],
])("the id made of %s", (title, id) => expect(idFrom(title)).toBe(id));
