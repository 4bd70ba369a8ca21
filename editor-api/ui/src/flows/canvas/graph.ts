// A document as the canvas draws it. Nodes that did not change keep their identity, so that a flow of a thousand nodes
// redraws one.
import type { Edge, Node } from "@xyflow/react";
import { exitsOf, type Exit } from "../model/exits";
import { positionsOf } from "../model/edit";
import { isSame } from "../model/merge";
import type { Descriptor, FlowDocument, NodeDocument, Point, Target } from "../model/types";

export type CardData = {
  readonly id: string;
  readonly node: NodeDocument;
  readonly descriptor: Descriptor | undefined;
  readonly exits: readonly (Exit & { readonly target: Target | undefined })[];
  readonly isEntry: boolean;
  readonly grave: "error" | "warning" | null;
  readonly texts: FlowDocument["texts"];
  readonly lit: boolean;
  readonly isHere: boolean;
  /** What the draft did to this node since the version that is compared. */
  readonly mark: "added" | "changed" | null;
  /** Live interactions at this node. */
  readonly crowd: number;
  [key: string]: unknown;
};

export type CardNode = Node<CardData, "card">;

/** What is shown over the flow itself: what a rehearsal went through. */
export type Trace = { readonly nodes: ReadonlySet<string>; readonly exits: ReadonlySet<string>; readonly here: string | null };

export const NO_TRACE: Trace = { nodes: new Set(), exits: new Set(), here: null };

/** What changed since a version, by node. */
export type Marks = ReadonlyMap<string, "added" | "changed">;
export const NO_MARKS: Marks = new Map();

type Scene = {
  readonly document: FlowDocument;
  readonly kinds: ReadonlyMap<string, Descriptor>;
  readonly graves: ReadonlyMap<string, "error" | "warning">;
  readonly trace: Trace;
  readonly crowds: ReadonlyMap<string, number>;
  readonly marks: Marks;
};

export function cardsOf({ document, kinds, graves, trace, crowds, marks }: Scene, earlier: ReadonlyMap<string, CardNode>): CardNode[] {
  const positions = positionsOf(document);
  return Object.entries(document.nodes).map(([id, node], at) => {
    const descriptor = kinds.get(node.kind);
    const data: CardData = {
      id,
      node,
      descriptor,
      exits: exitsOf(node, descriptor).map((exit) => ({ ...exit, target: node.exits?.[exit.name] })),
      isEntry: id === document.entry,
      grave: graves.get(id) ?? null,
      texts: document.texts,
      lit: trace.nodes.has(id),
      isHere: trace.here === id,
      mark: marks.get(id) ?? null,
      crowd: crowds.get(id) ?? 0,
    };
    const position: Point = positions[id] ?? { x: (at % 6) * 300, y: Math.floor(at / 6) * 220 };
    const before = earlier.get(id);
    if (before !== undefined && isSameCard(before.data, data)) {
      return before.position.x === position.x && before.position.y === position.y ? before : { ...before, position };
    }
    return { ...before, id, type: "card", position, data };
  });
}

function isSameCard(a: CardData, b: CardData): boolean {
  return (
    a.node === b.node &&
    a.descriptor === b.descriptor &&
    a.isEntry === b.isEntry &&
    a.grave === b.grave &&
    a.texts === b.texts &&
    a.lit === b.lit &&
    a.isHere === b.isHere &&
    a.crowd === b.crowd &&
    a.mark === b.mark &&
    isSame(a.exits, b.exits)
  );
}

export function wiresOf(document: FlowDocument, trace: Trace): Edge[] {
  return Object.entries(document.nodes).flatMap(([id, node]) =>
    Object.entries(node.exits ?? {}).flatMap(([exit, to]): Edge[] => {
      if (typeof to !== "string" || document.nodes[to] === undefined) return [];
      const isLit = trace.exits.has(`${id}.${exit}`);
      return [{ id: `${id}:${exit}`, source: id, sourceHandle: exit, target: to, targetHandle: "in", className: isLit ? "lit" : "" }];
    }),
  );
}

/** The gravest finding of each node. */
export function gravesOf(findings: readonly { readonly node?: string | null; readonly severity: "error" | "warning" }[]): ReadonlyMap<string, "error" | "warning"> {
  const graves = new Map<string, "error" | "warning">();
  for (const { node, severity } of findings) {
    if (node != null && graves.get(node) !== "error") graves.set(node, severity);
  }
  return graves;
}
