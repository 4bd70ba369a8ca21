// A rehearsal in hand. The server keeps nothing of it: each answer comes from playing the whole scenario again, which is
// why one can go back to any step and on from there.
import { useCallback, useEffect, useMemo, useState } from "react";
import { api, type Problem, type Schemas } from "../api/client";
import type { FlowDocument, Scenario, ScenarioStep } from "../flows/model/types";
import { ticksOf, type Tick } from "./reading";

export type Moment = Schemas["MomentView"];
export type World = Pick<Scenario, "channel" | "locale"> & { readonly given: NonNullable<Scenario["given"]> };

export type Rehearsal = {
  readonly world: World;
  readonly steps: readonly ScenarioStep[];
  readonly moments: readonly Moment[];
  /** Everything that happened, one by one. */
  readonly ticks: readonly Tick[];
  /** The tick that is looked at; -1 before the first. */
  readonly at: number;
  readonly problem: Problem | null;
  readonly failure: string | null;
  readonly play: (step: ScenarioStep) => void;
  readonly look: (at: number) => void;
  readonly restart: () => void;
  readonly change: (world: World) => void;
};

export function useRehearsal(document: FlowDocument, first: World): Rehearsal {
  const [world, setWorld] = useState(first);
  const [steps, setSteps] = useState<readonly ScenarioStep[]>([]);
  const [looked, setLooked] = useState<number | null>(null);
  const [answer, setAnswer] = useState<{ moments: readonly Moment[]; failure: string | null; problem: Problem | null }>(EMPTY);
  const text = useMemo(() => JSON.stringify({ ...document, layout: undefined, tests: [] }), [document]);

  useEffect(() => {
    if (steps.length === 0) return setAnswer(EMPTY);
    const stop = new AbortController();
    const played = JSON.parse(text) as FlowDocument;
    const scenario: Scenario = { name: "rehearsal", ...world, steps: [...steps] };
    api
      .post("/api/v1/flows/{id}/rehearse", { path: { id: played.id }, body: { document: played, scenario }, signal: stop.signal })
      .then((result) => {
        if (!result.ok) return setAnswer({ ...EMPTY, problem: result.problem });
        setAnswer({ moments: result.value.moments, failure: result.value.failures[0]?.message ?? null, problem: null });
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      });
    return () => stop.abort();
  }, [text, steps, world]);

  const ticks = useMemo(() => ticksOf(answer.moments), [answer.moments]);
  const at = Math.min(looked ?? Number.POSITIVE_INFINITY, ticks.length - 1);
  const seen = looked === null ? undefined : ticks[at]?.moment;
  const play = useCallback(
    (step: ScenarioStep) => {
      // What is played from an earlier point replaces what followed it.
      setSteps((before) => [...(seen === undefined ? before : before.slice(0, seen + 1)), step]);
      setLooked(null);
    },
    [seen],
  );
  return {
    world,
    steps,
    moments: answer.moments,
    ticks,
    at,
    problem: answer.problem,
    failure: answer.failure,
    play,
    look: setLooked,
    restart: () => {
      setSteps([]);
      setLooked(null);
    },
    change: setWorld,
  };
}

const EMPTY = { moments: [], failure: null, problem: null } as const;
