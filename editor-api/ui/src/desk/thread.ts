// A timeline as a conversation: what was said, and the few turns of events that agents care about.
import type { Fact } from "./useDesk";

export type ThreadLine = {
  readonly key: number;
  readonly by: "contact" | "flow" | "agent" | "event";
  readonly agent: string;
  readonly text: string;
  readonly at: string;
};

const EVENTS = new Set(["enqueued", "offer_accepted", "requeued", "conversation_closed", "wrap_up_ended", "contact_left", "interaction_ended"]);

/** A fact never changes its place in the timeline, so its place is its key. */
export function threadOf(facts: readonly Fact[]): readonly ThreadLine[] {
  return facts.flatMap((fact, key): ThreadLine[] => {
    const base = { key, at: fact.at, agent: "" };
    if (fact.fact === "message_received") {
      const { text, choice } = fact["message"] as { text?: string; choice?: string };
      return [{ ...base, by: "contact", text: text || choice || "" }];
    }
    if (fact.fact === "message_sent") {
      const { text, by } = fact["said"] as { text: string; by: "flow" | { agent: string } };
      return [by === "flow" ? { ...base, by: "flow", text } : { ...base, by: "agent", agent: by.agent, text }];
    }
    return EVENTS.has(fact.fact) ? [{ ...base, by: "event", text: fact.fact }] : [];
  });
}
