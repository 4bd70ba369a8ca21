// What was promised to a contact and is not kept yet: a first answer, an end. The instants are the server's, which counts
// opening hours; here is only what is left until then.
import type { Fact } from "./useDesk";

export type Promised = { readonly what: "first_response" | "resolution"; readonly due: number };

export function openPromises(facts: readonly Fact[]): readonly Promised[] {
  const promised = facts.findLast((fact) => fact.fact === "promised");
  if (promised === undefined) return [];
  const since = facts.indexOf(promised);
  const isAnswered = facts.slice(since).some((fact) => fact.fact === "message_sent" && (fact["said"] as { by: unknown }).by !== "flow");
  const isOver = facts.slice(since).some((fact) => fact.fact === "conversation_closed" || fact.fact === "interaction_ended");
  const of = (what: Promised["what"], isKept: boolean): readonly Promised[] => {
    const due = instant(promised[what]);
    return due === null || isKept ? [] : [{ what, due }];
  };
  return [...of("first_response", isAnswered || isOver), ...of("resolution", isOver)];
}

function instant(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" ? Date.parse(value) : null;
}
