// What is drawn over a flow: the path of a conversation, what changed since a version, what the tests went through, what
// went through it of late. The flow itself stays as it is.
import type { Difference } from "../model/compare";
import type { FlowDocument } from "../model/types";

export type Mark = "lit" | "added" | "changed" | "removed" | "covered" | "missed";

export type Overlay = {
  readonly nodes: ReadonlyMap<string, Mark>;
  /** By `placeOf` of node and exit. */
  readonly exits: ReadonlyMap<string, Mark>;
  /** How often something went through a node (by id) or an exit (by place). */
  readonly counts: ReadonlyMap<string, number>;
  /** Where a conversation stands. */
  readonly here: string | null;
  /** The flow as it was: what is no longer there is drawn too. */
  readonly before: FlowDocument | null;
};

export const NO_OVERLAY: Overlay = { nodes: new Map(), exits: new Map(), counts: new Map(), here: null, before: null };

export function placeOf(node: string, exit: string): string {
  return `${node}.${exit}`;
}

/** A path: nodes and exits that were gone through, and where it stands. */
export function pathOverlay(nodes: Iterable<string>, exits: Iterable<string>, here: string | null): Overlay {
  return { ...NO_OVERLAY, nodes: markedAs("lit", nodes), exits: markedAs("lit", exits), here };
}

/** Differences where they are. A text that changed is drawn on the nodes that say it. */
export function changesOverlay(differences: readonly Difference[], before: FlowDocument, after: FlowDocument): Overlay {
  const nodes = new Map<string, Mark>();
  const exits = new Map<string, Mark>();
  for (const { subject, change, where, what } of differences) {
    if (subject === "node") nodes.set(where, change);
    if (subject === "setting") nodes.set(where, "changed");
    if (subject === "exit") exits.set(placeOf(where, what), change);
    if (subject === "text") {
      for (const [id, node] of Object.entries(after.nodes)) {
        if (!nodes.has(id) && JSON.stringify(node.config ?? {}).includes(`"@${where}"`)) nodes.set(id, "changed");
      }
    }
  }
  return { ...NO_OVERLAY, nodes, exits, before };
}

export type Covered = { readonly nodes: { readonly missing: readonly string[] }; readonly exits: { readonly missing: readonly string[] }; readonly error_exits: { readonly missing: readonly string[] }; readonly cases: { readonly missing: readonly string[] } };

/** What tests went through, and what they did not: every node, and every exit that leads somewhere. */
export function coverageOverlay(document: FlowDocument, { nodes, exits, error_exits, cases }: Covered): Overlay {
  const missed = new Set([...nodes.missing, ...exits.missing, ...error_exits.missing, ...cases.missing]);
  const marked = (places: readonly string[]) => new Map(places.map((place) => [place, missed.has(place) ? ("missed" as const) : ("covered" as const)]));
  const wired = Object.entries(document.nodes).flatMap(([id, node]) => Object.keys(node.exits ?? {}).map((exit) => placeOf(id, exit)));
  return { ...NO_OVERLAY, nodes: marked(Object.keys(document.nodes)), exits: marked(wired) };
}

function markedAs(mark: Mark, places: Iterable<string>): ReadonlyMap<string, Mark> {
  return new Map([...places].map((place) => [place, mark]));
}
