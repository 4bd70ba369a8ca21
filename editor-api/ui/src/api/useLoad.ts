// Reading something from the server for as long as a view shows it.
import { useCallback, useEffect, useRef, useState } from "react";
import type { Problem, Result } from "./client";

export type Loaded<T> = {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly reload: () => Promise<void>;
};

/** Loads when `key` changes, and again when asked. What was loaded stays in view until the next answer is there. */
export function useLoad<T>(load: () => Promise<Result<T>>, key: string): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; problem?: Problem }>({ key });
  // The key stands for everything that `load` depends on.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const stable = useCallback(load, [key]);
  const reload = useCallback(async () => {
    const result = await stable();
    setState(result.ok ? { key, value: result.value } : { key, problem: result.problem });
  }, [stable, key]);
  useEffect(() => {
    let isShown = true;
    void stable().then((result) => {
      if (isShown) setState(result.ok ? { key, value: result.value } : { key, problem: result.problem });
    });
    return () => {
      isShown = false;
    };
  }, [stable, key]);
  const isCurrent = state.key === key;
  return { value: isCurrent ? state.value : undefined, problem: isCurrent ? state.problem : undefined, reload };
}

/** The last value there was, so that a page does not blink while it reads again. */
export function useSteady<T>(value: T | undefined): T | undefined {
  const kept = useRef<T | undefined>(undefined);
  if (value !== undefined) kept.current = value;
  return kept.current;
}

/** Runs something every so often while the page is looked at. */
export function useEvery(milliseconds: number, run: () => void): void {
  useEffect(() => {
    const tick = () => document.visibilityState === "visible" && run();
    const timer = setInterval(tick, milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds, run]);
}
