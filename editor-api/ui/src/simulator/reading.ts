// What a rehearsal's facts say: the conversation, the path through the flow, and a test that expects the same again.
import { NO_TRACE, type Trace } from "../flows/canvas/graph";
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
  return moments.flatMap((moment) => moment.facts.flatMap((fact) => lineOf(fact as Fact, moment.step)));
}

function lineOf(fact: Fact, step: number): Line[] {
  const base = { at: fact.at, step, options: [] };
  if (fact.fact === "message_received") return [{ ...base, by: "contact", text: textIn(fact["message"]) }];
  if (fact.fact === "message_sent") {
    const said = fact["said"] as { text: string; options?: Line["options"]; by: unknown };
    return [{ ...base, by: said.by === "flow" ? "flow" : "agent", text: said.text, options: said.options ?? [] }];
  }
  if (!EVENTS.has(fact.fact)) return [];
  const detail = [fact["agent"], fact["disposition"], fact["reason"], fact["code"]].find((value) => typeof value === "string");
  return [{ ...base, by: "event", text: typeof detail === "string" ? detail : "", event: fact.fact }];
}

function textIn(message: unknown): string {
  const { text, choice } = message as { text?: string; choice?: string };
  return text || choice || "";
}

/** The nodes and exits of this flow that were gone through, and where it stands now. */
export function traceOf(moments: readonly Moment[]): Trace {
  if (moments.length === 0) return NO_TRACE;
  const own = moments.flatMap((moment) => moment.facts as Fact[]).filter((fact) => (fact["depth"] ?? 0) === 0);
  const nodes = own.filter((fact) => fact.fact === "node_entered").map((fact) => String(fact["node"]));
  const exits = own.filter((fact) => fact.fact === "exit_taken").map((fact) => `${String(fact["node"])}.${String(fact["exit"])}`);
  const now = moments.at(-1)?.interaction;
  return { nodes: new Set(nodes), exits: new Set(exits), here: now?.ended_at == null ? (now?.at[0]?.node ?? null) : null };
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
