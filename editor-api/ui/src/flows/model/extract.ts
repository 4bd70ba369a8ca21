// Nodes become a flow of their own, and one node calls it in their place. What they kept about the interaction goes in
// and comes back, and every way out of them becomes an end that the calling node has as an exit.
import { addNode, changeNode, positionsOf, removeNodes } from "./edit";
import { isSame } from "./merge";
import type { FlowDocument, NodeDocument, Target } from "./types";

export type Extraction = {
  /** The new flow. */
  readonly flow: FlowDocument;
  /** The flow it was taken from, with a node that calls the new one. */
  readonly caller: FlowDocument;
  /** The calling node. */
  readonly node: string;
  /** What goes in, and what comes back. */
  readonly given: readonly string[];
  readonly attributes: readonly string[];
  readonly ends: readonly string[];
};

/** Where the chosen nodes are entered from outside. A sub-flow has one place. */
export function entriesOf(document: FlowDocument, ids: readonly string[]): readonly string[] {
  const own = new Set(ids);
  const outside = Object.entries(document.nodes).filter(([id]) => !own.has(id));
  const named = outside.flatMap(([, node]) => Object.values(node.exits ?? {}));
  const entered = new Set([document.entry, ...Object.values(document.handlers ?? {}), ...named]);
  const found = ids.filter((id) => entered.has(id));
  // Nodes that nothing leads to yet begin with the one that none of them leads to.
  const within = new Set(ids.flatMap((id) => Object.values(document.nodes[id]?.exits ?? {})));
  return found.length > 0 ? found : ids.filter((id) => !within.has(id)).slice(0, 1);
}

/** Takes nodes out; `null` when they cannot be entered at one place only. */
export function extract(document: FlowDocument, ids: readonly string[], id: string, title: FlowDocument["title"]): Extraction | null {
  const entries = entriesOf(document, ids);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) return null;
  const own = new Set(ids);
  const ways = waysOut(document, own);
  const nodes = mapNodes(document, own, (target) => (typeof target === "string" && own.has(target) ? target : { end: nameOf(ways, target) }));
  const spoken = JSON.stringify(nodes);
  const specs = Object.fromEntries(Object.entries({ ...document.inputs, ...document.outputs, ...document.attributes }).filter(([name]) => mentions(spoken, name)));
  const attributes = Object.keys(specs);
  const rest = JSON.stringify(Object.entries(document.nodes).filter(([one]) => !own.has(one)));
  // What nobody outside sets has no value yet when the nodes are entered: it begins with them. Reading it there, as
  // `attributes.name`, sets nothing.
  const isSet = (name: string) => mentions(rest.replaceAll(`attributes.${name}`, ""), name);
  const given = new Set(attributes.filter((name) => document.inputs?.[name] !== undefined || specs[name]?.default != null || isSet(name)));
  const texts = Object.fromEntries(Object.entries(document.texts ?? {}).filter(([key]) => spoken.includes(`"@${key}"`)));
  const flow: FlowDocument = {
    schema: document.schema,
    id,
    title,
    channels: document.channels,
    inputs: Object.fromEntries(Object.entries(specs).filter(([name]) => given.has(name))),
    attributes: Object.fromEntries(Object.entries(specs).filter(([name]) => !given.has(name))),
    outputs: specs,
    texts,
    ...libraryFor(document.library, JSON.stringify([nodes, texts])),
    entry,
    nodes,
    layout: { nodes: Object.fromEntries(Object.entries(positionsOf(document)).filter(([one]) => own.has(one))) },
  };
  const [first, ...others] = ways;
  const inputs = Object.fromEntries([...given].map((name) => [name, `attributes.${name}`]));
  const outputs = Object.fromEntries(attributes.map((name) => [name, name]));
  const config = { flow: id, inputs, outputs, ends: others.map((way) => way.name) };
  const [added, node] = addNode(document, "subflow", config, positionsOf(document)[entry] ?? { x: 0, y: 0 });
  // The most common way out is the one that the calling node has anyway.
  const exits = Object.fromEntries([...(first === undefined ? [] : [["done", first.target] as const]), ...others.map((way) => [way.name, way.target] as const)]);
  const called = changeNode(rerouted(added, entry, node), node, (fresh) => ({ ...fresh, title, exits }));
  const { library, ...left } = forgetTexts(removeNodes(called, ids), texts);
  const caller = { ...left, ...libraryFor(library, JSON.stringify([left.nodes, left.texts])) };
  return { flow, caller, node, given: [...given], attributes, ends: ways.map((way) => way.name) };
}

type Way = { readonly name: string; readonly target: Target };

/** Every different place that the chosen nodes lead to, under a name of its own; the most used one first. */
function waysOut(document: FlowDocument, own: ReadonlySet<string>): readonly Way[] {
  const all = [...own].flatMap((id) => Object.values(document.nodes[id]?.exits ?? {})).filter((target) => typeof target !== "string" || !own.has(target));
  const uses = (target: Target) => all.filter((other) => isSame(other, target)).length;
  const distinct = all.filter((target, at) => all.findIndex((other) => isSame(other, target)) === at);
  const names = new Set<string>();
  return distinct
    .sort((a, b) => uses(b) - uses(a))
    .map((target) => {
      const wanted = typeof target === "string" ? target : "end" in target ? target.end : "failed";
      let name = wanted;
      for (let number = 2; names.has(name); number += 1) name = `${wanted}_${number}`;
      names.add(name);
      return { name, target };
    });
}

function nameOf(ways: readonly Way[], target: Target): string {
  return ways.find((way) => isSame(way.target, target))?.name ?? "done";
}

function mapNodes(document: FlowDocument, own: ReadonlySet<string>, lead: (target: Target) => Target): { [id: string]: NodeDocument } {
  const chosen = Object.entries(document.nodes).filter(([id]) => own.has(id));
  return Object.fromEntries(chosen.map(([id, node]) => [id, { ...node, exits: Object.fromEntries(Object.entries(node.exits ?? {}).map(([exit, to]) => [exit, lead(to)])) }]));
}

/** Whatever led to a node leads to another one. */
function rerouted(document: FlowDocument, from: string, to: string): FlowDocument {
  const lead = (target: Target): Target => (target === from ? to : target);
  const nodes = Object.fromEntries(
    Object.entries(document.nodes).map(([id, node]) => [id, { ...node, exits: Object.fromEntries(Object.entries(node.exits ?? {}).map(([exit, target]) => [exit, lead(target)])) }]),
  );
  const handlers = Object.fromEntries(Object.entries(document.handlers ?? {}).map(([name, id]) => [name, id === from ? to : id]));
  return { ...document, nodes, handlers, entry: document.entry === from ? to : document.entry };
}

/** Texts that went with the nodes stay here only when somebody still says them. */
function forgetTexts(document: FlowDocument, gone: NonNullable<FlowDocument["texts"]>): FlowDocument {
  const spoken = JSON.stringify(document.nodes);
  const texts = Object.entries(document.texts ?? {}).filter(([key]) => gone[key] === undefined || spoken.includes(`"@${key}"`));
  return { ...document, texts: Object.fromEntries(texts) };
}

/** A library goes with those who call a function of it. */
function libraryFor(library: string | undefined, spoken: string): { library?: string } {
  if (library === undefined) return {};
  const functions = [...library.matchAll(/\bfn\s+([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => name ?? "");
  return functions.some((name) => mentions(spoken, name)) ? { library } : {};
}

/** A name as a word of its own: in an expression, a template, or as the name of an attribute. */
function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])`).test(text);
}
