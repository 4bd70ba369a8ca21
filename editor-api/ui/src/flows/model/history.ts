// Undo and redo over immutable states. Changes of one gesture or one field, in quick succession, are one step.

export type History<T> = {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** What the last change belongs to, and when it was made. */
  readonly last: { readonly topic: string; readonly at: number } | null;
};

/** Steps that can be taken back; older ones are forgotten. */
const STEPS_MAX = 200;

/** Changes of one topic within this time are one step. */
const TOGETHER_MS = 900;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], last: null };
}

export function change<T>(history: History<T>, present: T, topic: string, now: number): History<T> {
  if (Object.is(present, history.present)) return history;
  const isSameStep = history.last !== null && history.last.topic === topic && now - history.last.at < TOGETHER_MS;
  const past = isSameStep ? history.past : [...history.past, history.present].slice(-STEPS_MAX);
  return { past, present, future: [], last: { topic, at: now } };
}

export function undo<T>(history: History<T>): History<T> {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return { past: history.past.slice(0, -1), present: previous, future: [history.present, ...history.future], last: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, last: null };
}
