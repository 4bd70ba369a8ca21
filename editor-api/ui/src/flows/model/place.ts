// Where nodes without a place stand, and how tall a node is drawn. The layout proper runs in a worker.
import dagre from "@dagrejs/dagre";
import { exitsOf } from "./exits";
import type { Descriptor, FlowDocument, Point } from "./types";

export const NODE_WIDTH = 236;
const HEAD = 54;
const ROW = 24;
const PAD = 8;

/** How tall a node with so many exits is drawn, and how far down each exit is. */
export function heightOf(exits: number): number {
  return HEAD + ROW * exits + PAD;
}

export function exitTop(at: number): number {
  return HEAD + ROW * at + ROW / 2 + PAD / 2;
}

/** What the layout needs to know of a flow. */
export type Sketch = {
  readonly nodes: readonly { readonly id: string; readonly height: number }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
};

export function sketchOf(document: FlowDocument, kinds: ReadonlyMap<string, Descriptor>): Sketch {
  const entries = Object.entries(document.nodes).sort(([a], [b]) => Number(b === document.entry) - Number(a === document.entry));
  return {
    nodes: entries.map(([id, node]) => ({ id, height: heightOf(exitsOf(node, kinds.get(node.kind)).length) })),
    edges: entries.flatMap(([id, node]) =>
      Object.values(node.exits ?? {}).flatMap((to) => (typeof to === "string" && document.nodes[to] ? [{ from: id, to }] : [])),
    ),
  };
}

/** Places for every node, left to right from the entry. */
export function arrange(sketch: Sketch): { readonly [id: string]: Point } {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", ranksep: 58, nodesep: 26, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  sketch.nodes.forEach(({ id, height }) => graph.setNode(id, { width: NODE_WIDTH, height }));
  sketch.edges.forEach(({ from, to }) => graph.setEdge(from, to));
  dagre.layout(graph);
  return Object.fromEntries(
    sketch.nodes.map(({ id, height }) => {
      const at = graph.node(id);
      return [id, { x: Math.round(at.x - NODE_WIDTH / 2), y: Math.round(at.y - height / 2) }];
    }),
  );
}
