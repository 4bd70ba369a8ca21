// An interaction, fact by fact: after each one, which flows ran, where they stood, and what they kept. Made of the
// journal alone, so it shows what happened and nothing that a newer version would do.
import { placeOf } from "./canvas/overlay";

export type ReplayFact = { readonly at: string; readonly fact: string } & Readonly<Record<string, unknown>>;

export type Frame = {
  readonly flow: string;
  readonly version: number;
  readonly node: string | null;
  readonly nodes: ReadonlySet<string>;
  readonly exits: ReadonlySet<string>;
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** The flows under way, innermost last. */
export type Standing = readonly Frame[];

/** How things stood after each fact. */
export function replayOf(facts: readonly ReplayFact[]): readonly Standing[] {
  let standing: Standing = [];
  return facts.map((fact) => {
    standing = after(standing, fact);
    return standing;
  });
}

function after(standing: Standing, fact: ReplayFact): Standing {
  switch (fact.fact) {
    case "interaction_opened":
      return fact["flow"] == null ? [] : [begun(fact["flow"])];
    case "subflow_called":
      return [...standing, begun(fact["flow"])];
    case "subflow_returned":
      return standing.slice(0, -1);
    case "flow_changed":
      return [begun(fact["flow"])];
    case "node_entered": {
      const node = String(fact["node"]);
      return atDepth(standing, fact, (frame) => ({ ...frame, node, nodes: new Set([...frame.nodes, node]) }));
    }
    case "exit_taken":
      return atDepth(standing, fact, (frame) => ({ ...frame, exits: new Set([...frame.exits, placeOf(String(fact["node"]), String(fact["exit"]))]) }));
    case "attribute_set":
      return innermost(standing, (frame) => ({ ...frame, attributes: { ...frame.attributes, [String(fact["name"])]: fact["value"] } }));
    case "interaction_ended":
      return standing.map((frame) => ({ ...frame, node: null }));
    default:
      return standing;
  }
}

function begun(flow: unknown): Frame {
  const { flow: id, version } = flow as { readonly flow: string; readonly version: number };
  return { flow: id, version, node: null, nodes: new Set(), exits: new Set(), attributes: {} };
}

/** Facts of a depth end whatever ran deeper. */
function atDepth(standing: Standing, fact: ReplayFact, change: (frame: Frame) => Frame): Standing {
  return innermost(standing.slice(0, Number(fact["depth"] ?? 0) + 1), change);
}

function innermost(standing: Standing, change: (frame: Frame) => Frame): Standing {
  const last = standing.at(-1);
  return last === undefined ? standing : [...standing.slice(0, -1), change(last)];
}
