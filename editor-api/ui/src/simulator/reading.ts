// What a rehearsal's facts say: the conversation, the path through the flow, and a test that expects the same again.
import { NO_OVERLAY, pathOverlay, type Overlay } from "../flows/canvas/overlay";
import type { Scenario, ScenarioStep } from "../flows/model/types";
import { replayOf, type ReplayFact } from "../flows/replay";
import type { Moment, World } from "./useRehearsal";

type Fact = Moment["facts"][number] & Record<string, unknown>;

/** One thing that happened after a step of the scenario, or that nothing did. */
export type Tick = { readonly moment: number; readonly fact: ReplayFact | null };

export function ticksOf(moments: readonly Moment[]): readonly Tick[] {
  return moments.flatMap(({ facts }, moment): Tick[] => (facts.length === 0 ? [{ moment, fact: null }] : (facts as Fact[]).map((fact) => ({ moment, fact }))));
}

export function factsOf(ticks: readonly Tick[]): readonly ReplayFact[] {
  return ticks.flatMap(({ fact }) => fact ?? []);
}

export type Line = {
  readonly by: "contact" | "flow" | "agent" | "event";
  readonly text: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly at: string;
  /** The fact's name, when the line is not somebody's words. */
  readonly event?: string;
};

const EVENTS = new Set(["enqueued", "offer_made", "offer_accepted", "offer_declined", "offer_expired", "conversation_closed", "wrap_up_ended", "interaction_ended", "contact_left", "faulted", "last_resort_taken", "dequeued"]);

export function linesOf(facts: readonly ReplayFact[]): readonly Line[] {
  const labels = new Map<string, string>();
  return facts.flatMap((fact) => lineOf(fact, labels));
}

function lineOf(fact: ReplayFact, labels: Map<string, string>): Line[] {
  const base = { at: fact.at, options: [] };
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
export function pendingCall(facts: readonly ReplayFact[]): string | null {
  const ended = new Set(facts.filter((fact) => fact.fact === "call_ended").map((fact) => JSON.stringify(fact["call"])));
  const open = facts.findLast((fact) => fact.fact === "call_made" && !ended.has(JSON.stringify(fact["call"])));
  return open === undefined ? null : String(open["target"]);
}

function textIn(message: unknown, labels: ReadonlyMap<string, string>): string {
  const { text, choice } = message as { text?: string; choice?: string };
  return text || labels.get(choice ?? "") || choice || "";
}

/** The nodes and exits of a flow that were gone through, and where it stands now. */
export function pathOf(flow: string, facts: readonly ReplayFact[]): Overlay {
  const standings = replayOf(facts);
  const own = standings.findLast(([outermost]) => outermost?.flow === flow)?.[0];
  // Once another flow has the contact, he is nowhere in this one.
  return own === undefined ? NO_OVERLAY : pathOverlay(own.nodes, own.exits, standings.at(-1)?.[0]?.flow === flow ? own.node : null);
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

type Held = { readonly agent: string; readonly state: string };

/** The other contacts: how many stand in line, and who has one, once for each way in which he does. What an agent does concerns the contact first, so of an agent
 * who has him nothing else is offered. */
export function othersIn({ others }: Pick<Moment, "others">, agent: string | null): { readonly inLine: number; readonly held: readonly Held[] } {
  const held = others.flatMap(({ agent: holder, state }) => (holder == null || holder === agent ? [] : [{ agent: holder, state }]));
  return { inLine: others.filter(({ state }) => state === "waiting" || state === "offered").length, held: [...new Map(held.map((one) => [`${one.agent} ${one.state}`, one])).values()] };
}
