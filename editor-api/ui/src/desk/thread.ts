// A timeline as a conversation: what was said, and the few turns of events that agents care about.
import type { Fact } from "./useDesk";

export type ThreadLine = {
  readonly key: number;
  readonly by: "contact" | "flow" | "agent" | "event";
  readonly agent: string;
  readonly text: string;
  readonly at: string;
};

/** A message on its way: it shows at once, and goes when the journal has it. */
export type Outgoing = {
  readonly event_id: string;
  readonly text: string;
  /** How often an agent had said the same when this was sent; one more, and it has arrived. */
  readonly earlier: number;
};

export function saidSoFar(text: string, lines: readonly ThreadLine[], pending: readonly Outgoing[]): number {
  return lines.filter((line) => line.by === "agent" && line.text === text).length + pending.filter((one) => one.text === text).length;
}

/** Those that the journal does not have yet: none is shown twice, whichever of the two answers comes first. */
export function onTheirWay(sent: readonly Outgoing[], lines: readonly ThreadLine[]): readonly Outgoing[] {
  return sent.filter(({ text, earlier }) => saidSoFar(text, lines, []) <= earlier);
}

const EVENTS = new Set(["enqueued", "offer_accepted", "requeued", "conversation_closed", "wrap_up_ended", "contact_left", "interaction_ended", "elevated", "channel_closed", "channel_finished", "parked", "resumed", "transferred", "begun", "screen_popped", "banned", "unbanned"]);

/** A fact never changes its place in the timeline, so its place is its key. */
export function threadOf(facts: readonly Fact[]): readonly ThreadLine[] {
  const labels = new Map<string, string>();
  return facts.flatMap((fact, key): ThreadLine[] => {
    const base = { key, at: fact.at, agent: "" };
    if (fact.fact === "message_received") {
      const { text, choice } = fact["message"] as { text?: string; choice?: string };
      return [{ ...base, by: "contact", text: text || labels.get(choice ?? "") || choice || "" }];
    }
    if (fact.fact === "message_sent") {
      const { text, by, options = [] } = fact["said"] as { text: string; by: "flow" | { agent: string }; options?: readonly { id: string; label: string }[] };
      // What a contact taps later is told by the words he saw.
      options.forEach(({ id, label }) => labels.set(id, label));
      return [by === "flow" ? { ...base, by: "flow", text } : { ...base, by: "agent", agent: by.agent, text }];
    }
    return EVENTS.has(fact.fact) ? [{ ...base, by: "event", text: fact.fact }] : [];
  });
}
