// Every change that the canvas can make to a document, as a function from document to document. None of them judges:
// that is the server's check.
import type { FlowDocument, JsonObject, NodeDocument, Point, Target } from "./types";

type Nodes = FlowDocument["nodes"];
type Layout = { readonly nodes?: { readonly [id: string]: Point } };

export function positionsOf(document: FlowDocument): { readonly [id: string]: Point } {
  return (document.layout as Layout | undefined)?.nodes ?? {};
}

export function withPositions(document: FlowDocument, moved: { readonly [id: string]: Point }): FlowDocument {
  const nodes = { ...positionsOf(document), ...mapValues(moved, ({ x, y }) => ({ x: Math.round(x), y: Math.round(y) })) };
  return { ...document, layout: { ...document.layout, nodes } };
}

/** Brings nodes onto one line: under each other, or beside each other, at the place of the first. */
export function alignNodes(document: FlowDocument, ids: readonly string[], line: "column" | "row"): FlowDocument {
  const positions = positionsOf(document);
  const placed = ids.flatMap((id) => (positions[id] === undefined ? [] : [[id, positions[id]] as const]));
  const first = placed[0]?.[1];
  if (first === undefined) return document;
  return withPositions(document, Object.fromEntries(placed.map(([id, at]) => [id, line === "column" ? { x: first.x, y: at.y } : { x: at.x, y: first.y }])));
}

/** Adds a node; the first one is where an interaction starts. Answers its id too. */
export function addNode(document: FlowDocument, kind: string, config: JsonObject, at: Point): [FlowDocument, string] {
  const id = freeId(document, kind);
  const node: NodeDocument = { kind, config: { ...config }, exits: {} };
  const isFirst = Object.keys(document.nodes).length === 0;
  const next = { ...document, nodes: { ...document.nodes, [id]: node }, entry: isFirst ? id : document.entry };
  return [withPositions(next, { [id]: at }), id];
}

/** Takes nodes away, and every exit that led to them. */
export function removeNodes(document: FlowDocument, ids: readonly string[]): FlowDocument {
  const gone = new Set(ids);
  const kept = Object.entries(document.nodes).filter(([id]) => !gone.has(id));
  const nodes: Nodes = Object.fromEntries(
    kept.map(([id, node]) => [id, { ...node, exits: filterValues(node.exits ?? {}, (to) => typeof to !== "string" || !gone.has(to)) }]),
  );
  const layout = { ...document.layout, nodes: filterKeys(positionsOf(document), (id) => !gone.has(id)) };
  return { ...document, nodes, layout };
}

export function connect(document: FlowDocument, from: string, exit: string, to: Target): FlowDocument {
  return changeNode(document, from, (node) => ({ ...node, exits: { ...node.exits, [exit]: to } }));
}

export function disconnect(document: FlowDocument, from: string, exit: string): FlowDocument {
  return changeNode(document, from, (node) => ({ ...node, exits: filterKeys(node.exits ?? {}, (name) => name !== exit) }));
}

export function changeNode(document: FlowDocument, id: string, change: (node: NodeDocument) => NodeDocument): FlowDocument {
  const node = document.nodes[id];
  return node === undefined ? document : { ...document, nodes: { ...document.nodes, [id]: change(node) } };
}

/** Gives a node another id, wherever it is named. */
export function renameNode(document: FlowDocument, from: string, to: string): FlowDocument {
  if (from === to || to === "" || document.nodes[to] !== undefined) return document;
  const renamed = (id: string) => (id === from ? to : id);
  const rewire = (target: Target): Target => (typeof target === "string" ? renamed(target) : target);
  const nodes: Nodes = Object.fromEntries(
    Object.entries(document.nodes).map(([id, node]) => [renamed(id), { ...node, exits: mapValues(node.exits ?? {}, rewire) }]),
  );
  const positions = Object.fromEntries(Object.entries(positionsOf(document)).map(([id, at]) => [renamed(id), at]));
  const handlers = mapValues(document.handlers ?? {}, (id) => (typeof id === "string" ? renamed(id) : id));
  return { ...document, nodes, entry: renamed(document.entry), handlers, layout: { ...document.layout, nodes: positions } };
}

/** What a copy of some nodes holds: the nodes with the wires among them, and where they stood. */
export type Clip = { readonly nodes: Nodes; readonly positions: { readonly [id: string]: Point } };

export function copyNodes(document: FlowDocument, ids: readonly string[]): Clip {
  const own = new Set(ids);
  return {
    nodes: filterKeys(document.nodes, (id) => own.has(id)),
    positions: filterKeys(positionsOf(document), (id) => own.has(id)),
  };
}

/** Pastes a copy beside what it was copied from; wires inside the copy lead to the copies, others are left out. */
export function pasteNodes(document: FlowDocument, clip: Clip, offset: Point = { x: 48, y: 48 }): [FlowDocument, readonly string[]] {
  const names = new Map<string, string>();
  let next = document;
  for (const [id, node] of Object.entries(clip.nodes)) {
    const at = clip.positions[id] ?? { x: 0, y: 0 };
    const [added, name] = addNode(next, node.kind, (node.config ?? {}) as JsonObject, { x: at.x + offset.x, y: at.y + offset.y });
    names.set(id, name);
    next = changeNode(added, name, (fresh) => ({ ...node, kind: fresh.kind }));
  }
  for (const name of names.values()) {
    next = changeNode(next, name, (node) => ({ ...node, exits: rewired(node.exits ?? {}, names) }));
  }
  return [next, [...names.values()]];
}

function rewired(exits: { readonly [exit: string]: Target }, names: ReadonlyMap<string, string>): { [exit: string]: Target } {
  const wires = Object.entries(exits).flatMap(([exit, to]): [string, Target][] => {
    if (typeof to !== "string") return [[exit, to]];
    const copy = names.get(to);
    return copy === undefined ? [] : [[exit, copy]];
  });
  return Object.fromEntries(wires);
}

function freeId(document: FlowDocument, kind: string): string {
  if (document.nodes[kind] === undefined) return kind;
  for (let number = 2; ; number += 1) {
    if (document.nodes[`${kind}_${number}`] === undefined) return `${kind}_${number}`;
  }
}

function filterKeys<T>(record: { readonly [key: string]: T }, keep: (key: string) => boolean): { [key: string]: T } {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)));
}

function filterValues<T>(record: { readonly [key: string]: T }, keep: (value: T) => boolean): { [key: string]: T } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => keep(value)));
}

function mapValues<T, U>(record: { readonly [key: string]: T }, change: (value: T) => U): { [key: string]: U } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
