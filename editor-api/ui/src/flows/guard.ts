// The guard of a roll-out as it is typed, and as the server takes it: a bound left empty is none.
import type { Schemas } from "../api/client";

const BOUNDS = ["faults_max", "last_resorts_max", "unqualified_max"] as const;

export type GuardTyped = { readonly window: string; readonly started_min: string } & { readonly [bound in (typeof BOUNDS)[number]]: string };

/** What a guard begins with: no node may fail more often than twice in a hundred. */
export const FIRST_GUARD: GuardTyped = { window: "15m", started_min: "20", faults_max: "2", last_resorts_max: "", unqualified_max: "" };

export function guardOf(typed: GuardTyped): Schemas["Guard"] {
  const bounds = Object.fromEntries(BOUNDS.flatMap((bound) => (typed[bound].trim() === "" ? [] : [[bound, Number(typed[bound])]])));
  return { window: typed.window.trim(), started_min: Number(typed.started_min), ...bounds };
}
