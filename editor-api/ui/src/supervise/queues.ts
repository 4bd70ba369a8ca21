// Queues as supervisors see them: contacts that wait for the same need, with who is there for them.
import type { Schemas } from "../api/client";

type Interaction = Schemas["InteractionShown"];
type Desk = Schemas["Desk"];
type AgentSkills = { readonly id: string; readonly skills: Readonly<Record<string, number>> };

export type Queue = {
  readonly name: string;
  readonly waiting: number;
  readonly offered: number;
  /** When the one who waits longest began to wait. */
  readonly since: string | null;
  /** Agents who are available and fit. */
  readonly agents: number;
};

export function queuesOf(interactions: readonly Interaction[], desks: readonly Desk[], agents: readonly AgentSkills[], titleOf: (skill: string) => string): readonly Queue[] {
  const waiting = interactions.filter((one) => one.state === "waiting" || one.state === "offered");
  const needs = new Map<string, Interaction[]>();
  for (const one of waiting) {
    const name = Object.entries(one.skills).map(([skill, level]) => (level === 20 ? titleOf(skill) : `${titleOf(skill)} ≤ ${level}`)).sort().join(" + ");
    needs.set(name, [...(needs.get(name) ?? []), one]);
  }
  const available = new Set(desks.filter((desk) => desk.presence === "available").map((desk) => desk.agent));
  return [...needs.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([name, own]) => ({
    name,
    waiting: own.filter((one) => one.state === "waiting").length,
    offered: own.filter((one) => one.state === "offered").length,
    since: own.map((one) => one.waiting_since ?? null).filter((at) => at !== null).sort()[0] ?? null,
    agents: agents.filter((agent) => available.has(agent.id) && fits(agent, own[0]?.skills ?? {})).length,
  }));
}

function fits(agent: AgentSkills, skills: Readonly<Record<string, number>>): boolean {
  return Object.entries(skills).every(([skill, worst]) => (agent.skills[skill] ?? Number.POSITIVE_INFINITY) <= worst);
}
