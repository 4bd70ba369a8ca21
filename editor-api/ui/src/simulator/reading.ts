// What a rehearsal's facts say: the conversation, the path through the flow, and a test that expects the same again.
import { NO_OVERLAY, pathOverlay, placeOf, type Overlay } from "../flows/canvas/overlay";
import type { Scenario, ScenarioStep } from "../flows/model/types";
import type { Moment, World } from "./useRehearsal";

type Fact = Moment["facts"][number] & Record<string, unknown>;

export type Line = {
  readonly by: "contact" | "flow" | "agent" | "event";
  readonly text: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly at: string;
  readonly step: number;
  /** The fact's name, when the line is not somebody's words. */
  readonly event?: string;
};

const EVENTS = new Set(["enqueued", "offer_made", "offer_accepted", "offer_declined", "offer_expired", "conversation_closed", "wrap_up_ended", "interaction_ended", "contact_left", "faulted", "last_resort_taken", "dequeued"]);

export function linesOf(moments: readonly Moment[]): readonly Line[] {
  const labels = new Map<string, string>();
  return moments.flatMap((moment) => moment.facts.flatMap((fact) => lineOf(fact as Fact, moment.step, labels)));
}

function lineOf(fact: Fact, step: number, labels: Map<string, string>): Line[] {
  const base = { at: fact.at, step, options: [] };
  if (fact.fact === "message_received") return [{ ...base, by: "contact", text: textIn(fact["message"], labels) }];
  if (fact.fact === "message_sent") {
    const said = fact["said"] as { text: string; options?: Line["options"]; by: unknown };
    // What a contact taps later is told by the words he saw.
    said.options?.forEach(({ id, label }) => labels.set(id, label));
    return [{ ...base, by: said.by === "flow" ? "flow" : "agent", text: said.text, options: said.options ?? [] }];
  }
  if (!EVENTS.has(fact.fact)) return [];
  const detail = [fact["agent"], fact["disposition"], fact["reason"], fact["code"]].find((value) => typeof value === "string");
  return [{ ...base, by: "event", text: typeof detail === "string" ? detail : "", event: fact.fact }];
}

/** Where a call went that nobody answered yet. */
export function pendingCall(moments: readonly Moment[]): string | null {
  const facts = moments.flatMap((moment) => moment.facts as Fact[]);
  const ended = new Set(facts.filter((fact) => fact.fact === "call_ended").map((fact) => JSON.stringify(fact["call"])));
  const open = facts.findLast((fact) => fact.fact === "call_made" && !ended.has(JSON.stringify(fact["call"])));
  return open === undefined ? null : String(open["target"]);
}

function textIn(message: unknown, labels: ReadonlyMap<string, string>): string {
  const { text, choice } = message as { text?: string; choice?: string };
  return text || labels.get(choice ?? "") || choice || "";
}

/** The nodes and exits of this flow that were gone through, and where it stands now. */
export function pathOf(moments: readonly Moment[]): Overlay {
  if (moments.length === 0) return NO_OVERLAY;
  const own = moments.flatMap((moment) => moment.facts as Fact[]).filter((fact) => (fact["depth"] ?? 0) === 0);
  const nodes = own.filter((fact) => fact.fact === "node_entered").map((fact) => String(fact["node"]));
  const exits = own.filter((fact) => fact.fact === "exit_taken").map((fact) => placeOf(String(fact["node"]), String(fact["exit"])));
  const now = moments.at(-1)?.interaction;
  return pathOverlay(nodes, exits, now?.ended_at == null ? (now?.at[0]?.node ?? null) : null);
}

/** The rehearsal as a test: after each step, what the contact was sent and where the flow stood must be the same. */
export function testOf(name: string, world: World, steps: readonly ScenarioStep[], moments: readonly Moment[]): Scenario {
  const kept = steps.slice(0, moments.length).flatMap((step, at): ScenarioStep[] => {
    const expected = expectationOf(moments[at]);
    return expected === null ? [step] : [step, { expect: expected }];
  });
  return { name, ...world, steps: kept };
}

type Expect = Extract<ScenarioStep, { expect: unknown }>["expect"];

function expectationOf(moment: Moment | undefined): Expect | null {
  if (moment === undefined) return null;
  const facts = moment.facts as Fact[];
  const says = facts.filter((fact) => fact.fact === "message_sent").map((fact) => (fact["said"] as { text: string }).text);
  const ended = facts.find((fact) => fact.fact === "interaction_ended")?.["disposition"];
  const at = moment.interaction?.at.at(-1)?.node;
  const expected: Expect = {
    ...(says.length > 0 ? { says } : {}),
    ...(typeof ended === "string" ? { ended } : at === undefined ? {} : { at }),
  };
  return Object.keys(expected).length === 0 ? null : expected;
}
