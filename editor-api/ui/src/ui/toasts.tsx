// Short news at the edge of the page. Each goes by itself; a refusal stays longer, because it must be read.
import { useSyncExternalStore, type ReactNode } from "react";
import type { Problem } from "../api/client";
import { Notice } from "./Notice";

type Toast = { readonly id: number; readonly body: ReactNode };

const listeners = new Set<() => void>();
let shown: readonly Toast[] = [];
let last = 0;

export function tell(text: string): void {
  push(<Notice tone="good">{text}</Notice>, 4000);
}

export function complain(problem: Problem): void {
  push(<Notice tone="danger" problem={problem} />, 9000);
}

function push(body: ReactNode, milliseconds: number): void {
  last += 1;
  const id = last;
  change([...shown.slice(-3), { id, body }]);
  setTimeout(() => change(shown.filter((toast) => toast.id !== id)), milliseconds);
}

function change(next: readonly Toast[]): void {
  shown = next;
  listeners.forEach((listener) => listener());
}

export function Toasts() {
  const toasts = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <div className="toasts" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id}>{toast.body}</div>
      ))}
    </div>
  );
}
