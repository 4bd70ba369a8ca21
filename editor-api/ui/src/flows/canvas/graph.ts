// A document as the canvas draws it. Nodes that did not change keep their identity, so that a flow of a thousand nodes
// redraws one.
import type { Edge, Node } from "@xyflow/react";
import { exitsOf, type Exit } from "../model/exits";
import { commentsOf, type Comment } from "../model/comments";
import { positionsOf } from "../model/edit";
import { isSame } from "../model/merge";
import type { Descriptor, FlowDocument, NodeDocument, Point, Target } from "../model/types";
import { NO_OVERLAY, placeOf, type Mark, type Overlay } from "./overlay";

export type CardExit = Exit & { readonly target: Target | undefined; readonly mark: Mark | null; readonly count: number };

export type CardData = {
  readonly id: string;
  readonly node: NodeDocument;
  readonly descriptor: Descriptor | undefined;
  readonly exits: readonly CardExit[];
  readonly isEntry: boolean;
  readonly grave: "error" | "warning" | null;
  readonly texts: FlowDocument["texts"];
  /** What the overlay says of this node. */
  readonly mark: Mark | null;
  readonly isHere: boolean;
  /** Live interactions at this node. */
  readonly crowd: number;
  /** How often interactions came to it of late. */
  readonly count: number;
  [key: string]: unknown;
};

export type CardNode = Node<CardData, "card">;

/** `change` is null for those who only read. */
export type CommentData = { readonly text: string; readonly change: ((change: Partial<Comment>, topic: string) => void) | null; [key: string]: unknown };
export type CommentNode = Node<CommentData, "comment">;

/** Whatever stands on the canvas. */
export type Drawn = CardNode | CommentNode;

/** Live interactions by node. */
export type Crowds = ReadonlyMap<string, number>;
export const NO_CROWDS: Crowds = new Map();

export type Scene = {
  readonly document: FlowDocument;
  readonly kinds: ReadonlyMap<string, Descriptor>;
  readonly graves: ReadonlyMap<string, "error" | "warning">;
  readonly overlay: Overlay;
  readonly crowds: Crowds;
};

/** The canvas's id of a comment; no node of a flow has such a one. */
const COMMENT = "comment:";

export function commentIn(id: string): string | null {
  return id.startsWith(COMMENT) ? id.slice(COMMENT.length) : null;
}

export function drawnComment(id: string): string {
  return COMMENT + id;
}

/** Comments lie under the nodes. */
export function notesOf(document: FlowDocument, change: ((id: string, change: Partial<Comment>, topic: string) => void) | null): CommentNode[] {
  return Object.entries(commentsOf(document)).map(([id, { x, y, width, height, text }]) => ({
    id: drawnComment(id),
    type: "comment" as const,
    position: { x, y },
    width,
    height,
    zIndex: -1,
    data: { text, change: change === null ? null : (next, topic) => change(id, next, topic) },
  }));
}

export function cardsOf(scene: Scene, earlier: ReadonlyMap<string, CardNode>): CardNode[] {
  const { document, overlay } = scene;
  const positions = positionsOf(document);
  const cards = Object.entries(document.nodes).map(([id, node], at) => {
    const data = cardOf(id, node, document, scene);
    const position: Point = positions[id] ?? { x: (at % 6) * 300, y: Math.floor(at / 6) * 220 };
    const before = earlier.get(id);
    if (before !== undefined && isSameCard(before.data, data)) {
      return before.position.x === position.x && before.position.y === position.y ? before : { ...before, position };
    }
    return { ...before, id, type: "card" as const, position, data };
  });
  return overlay.before === null ? cards : [...cards, ...ghostsOf(overlay.before, scene)];
}

/** Nodes that the document no longer has, where they stood. */
function ghostsOf(before: FlowDocument, scene: Scene): CardNode[] {
  const positions = { ...positionsOf(before), ...positionsOf(scene.document) };
  const gone = Object.entries(before.nodes).filter(([id]) => scene.document.nodes[id] === undefined);
  return gone.map(([id, node]) => ({
    id,
    type: "card",
    position: positions[id] ?? { x: 0, y: 0 },
    data: cardOf(id, node, before, { ...scene, graves: new Map(), crowds: NO_CROWDS }),
    selectable: false,
    draggable: false,
    deletable: false,
  }));
}

function cardOf(id: string, node: NodeDocument, document: FlowDocument, { kinds, graves, overlay, crowds }: Scene): CardData {
  const descriptor = kinds.get(node.kind);
  const now = exitsOf(node, descriptor);
  const gone = Object.keys(overlay.before?.nodes[id]?.exits ?? {}).filter((name) => now.every((exit) => exit.name !== name));
  const exits = [...now, ...gone.map((name): Exit => ({ name, role: "normal", docs: {} }))];
  return {
    id,
    node,
    descriptor,
    exits: exits.map((exit) => {
      const place = placeOf(id, exit.name);
      return { ...exit, target: node.exits?.[exit.name], mark: overlay.exits.get(place) ?? null, count: overlay.counts.get(place) ?? 0 };
    }),
    isEntry: id === document.entry,
    grave: graves.get(id) ?? null,
    texts: document.texts,
    mark: overlay.nodes.get(id) ?? null,
    isHere: overlay.here === id,
    crowd: crowds.get(id) ?? 0,
    count: overlay.counts.get(id) ?? 0,
  };
}

function isSameCard(a: CardData, b: CardData): boolean {
  return (
    a.node === b.node &&
    a.descriptor === b.descriptor &&
    a.isEntry === b.isEntry &&
    a.grave === b.grave &&
    a.texts === b.texts &&
    a.mark === b.mark &&
    a.isHere === b.isHere &&
    a.crowd === b.crowd &&
    a.count === b.count &&
    isSame(a.exits, b.exits)
  );
}

export function wiresOf(document: FlowDocument, overlay: Overlay = NO_OVERLAY): Edge[] {
  const has = (id: string) => document.nodes[id] !== undefined || overlay.before?.nodes[id] !== undefined;
  const now = Object.entries(document.nodes).flatMap(([id, node]) =>
    Object.entries(node.exits ?? {}).flatMap(([exit, to]): Edge[] =>
      typeof to === "string" && has(to) ? [wire(id, exit, to, overlay.exits.get(placeOf(id, exit)) ?? null)] : [],
    ),
  );
  const gone = Object.entries(overlay.before?.nodes ?? {}).flatMap(([id, node]) =>
    Object.entries(node.exits ?? {}).flatMap(([exit, to]): Edge[] => {
      if (typeof to !== "string" || !has(to) || document.nodes[id]?.exits?.[exit] === to) return [];
      return [{ ...wire(id, exit, to, "removed"), id: `${id}:${exit}:before`, selectable: false, deletable: false }];
    }),
  );
  return [...now, ...gone];
}

function wire(source: string, exit: string, target: string, mark: Mark | null): Edge {
  return { id: `${source}:${exit}`, source, sourceHandle: exit, target, targetHandle: "in", className: mark ?? "" };
}

/** The gravest finding of each node. */
export function gravesOf(findings: readonly { readonly node?: string | null; readonly severity: "error" | "warning" }[]): ReadonlyMap<string, "error" | "warning"> {
  const graves = new Map<string, "error" | "warning">();
  for (const { node, severity } of findings) {
    if (node != null && graves.get(node) !== "error") graves.set(node, severity);
  }
  return graves;
}
