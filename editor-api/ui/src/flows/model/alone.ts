// One node by itself: a flow that begins with it and ends by whatever exit it takes.
import type { FlowDocument, NodeDocument, Target } from "./types";

export function alone(document: FlowDocument, id: string): FlowDocument {
  const { handlers: _, tests: __, layout: ___, ...rest } = document;
  const node: NodeDocument = document.nodes[id] ?? { kind: "close" };
  const exits = Object.keys(node.exits ?? {}).map((exit): [string, Target] => [exit, { end: "done" }]);
  return { ...rest, entry: id, nodes: { [id]: { ...node, exits: Object.fromEntries(exits) } } };
}
