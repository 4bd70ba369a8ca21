// The draft in hand: what it is, what was done to it, what the server keeps, and what the server's check says of it.
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { api, type Problem, type Schemas } from "../api/client";
import { begin, change, redo, undo, type History } from "./model/history";
import { mergeDrafts, settled, type Disputed, type Merge } from "./model/merge";
import type { Finding, FlowDocument } from "./model/types";

export type Saving = "saved" | "dirty" | "saving" | "refused";
/** What two authors changed differently, and what the server keeps now. */
export type Conflict = { readonly merge: Merge; readonly theirs: FlowDocument; readonly etag: string };

export type Draft = {
  readonly document: FlowDocument;
  readonly live: number | null;
  readonly saving: Saving;
  readonly problem: Problem | null;
  readonly conflict: Conflict | null;
  readonly findings: readonly Finding[];
  readonly isSound: boolean;
  /** The longest silence that the check found possible; null while it is not known. */
  readonly lifetime: Schemas["Lifetime"] | null;
  readonly isChecked: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly edit: (next: FlowDocument | ((document: FlowDocument) => FlowDocument), topic: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly save: () => Promise<boolean>;
  /** Ends the conflict: the disputed parts that are taken from the other author. */
  readonly settle: (theirs: readonly Disputed[]) => void;
  readonly revision: string;
};

type Step =
  | { readonly is: "load" | "replace"; readonly document: FlowDocument }
  | { readonly is: "edit"; readonly next: FlowDocument | ((document: FlowDocument) => FlowDocument); readonly topic: string; readonly now: number }
  | { readonly is: "undo" | "redo" };

/** Quiet time before a draft is saved by itself, and before it is checked. */
const SAVE_AFTER_MS = 1200;
const CHECK_AFTER_MS = 350;

function reduce(history: History<FlowDocument> | null, step: Step): History<FlowDocument> | null {
  if (step.is === "load") return begin(step.document);
  if (history === null) return history;
  switch (step.is) {
    case "replace":
      return change(history, step.document, "merge", 0);
    case "edit": {
      const next = typeof step.next === "function" ? step.next(history.present) : step.next;
      return change(history, next, step.topic, step.now);
    }
    case "undo":
      return undo(history);
    case "redo":
      return redo(history);
  }
}

export function useDraft(id: string, isAuthor: boolean): { draft: Draft | null; problem: Problem | null } {
  const [history, dispatch] = useReducer(reduce, null);
  const [kept, setKept] = useState<{ document: FlowDocument; etag: string; live: number | null } | null>(null);
  const [loading, setLoading] = useState<Problem | null>(null);
  const [saving, setSaving] = useState<"idle" | "saving" | Problem>("idle");
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const document = history?.present ?? null;
  const checked = useCheck(id, document);
  const busy = useRef(false);

  useEffect(() => {
    void api.get("/api/v1/flows/{id}", { path: { id } }).then((result) => {
      if (!result.ok) return setLoading(result.problem);
      dispatch({ is: "load", document: result.value.document });
      setKept({ document: result.value.document, etag: result.etag ?? "", live: result.value.live ?? null });
    });
  }, [id]);

  const save = useCallback(async (): Promise<boolean> => {
    if (document === null || kept === null || busy.current) return false;
    if (document === kept.document) return true;
    busy.current = true;
    setSaving("saving");
    const result = await api.put("/api/v1/flows/{id}", { path: { id }, body: document, ifMatch: kept.etag });
    busy.current = false;
    if (result.ok) {
      setKept({ ...kept, document, etag: result.etag ?? "" });
      setSaving("idle");
      return true;
    }
    if (result.problem.status !== 412) {
      setSaving(result.problem);
      return false;
    }
    setSaving("idle");
    const theirs = await api.get("/api/v1/flows/{id}", { path: { id } });
    if (!theirs.ok) return false;
    const merge = mergeDrafts(kept.document, document, theirs.value.document);
    if (merge.disputed.length > 0) {
      setConflict({ merge, theirs: theirs.value.document, etag: theirs.etag ?? "" });
      return false;
    }
    // Two authors touched different parts: both are kept, and the next save writes them.
    setKept({ ...kept, document: theirs.value.document, etag: theirs.etag ?? "" });
    dispatch({ is: "replace", document: merge.document });
    return false;
  }, [document, kept, id]);

  const isDirty = document !== null && kept !== null && document !== kept.document;
  useEffect(() => {
    if (!isDirty || !isAuthor || conflict !== null) return;
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isDirty, isAuthor, conflict, save]);

  // Whoever goes to another view has his last change saved; whoever closes the page is asked to wait for it.
  const leaving = useRef<() => void>(() => {});
  leaving.current = () => void (isDirty && isAuthor && save());
  useEffect(() => () => leaving.current(), []);
  useEffect(() => {
    if (!isDirty || !isAuthor) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isDirty, isAuthor]);

  const edit = useCallback<Draft["edit"]>((next, topic) => dispatch({ is: "edit", next, topic, now: Date.now() }), []);
  const settle = useCallback(
    (theirs: readonly Disputed[]) => {
      if (conflict === null || kept === null) return;
      setKept({ ...kept, document: conflict.theirs, etag: conflict.etag });
      dispatch({ is: "replace", document: settled(conflict.merge, theirs) });
      setConflict(null);
    },
    [conflict, kept],
  );

  if (history === null || kept === null) return { draft: null, problem: loading };
  const refused = typeof saving === "object" ? saving : null;
  return {
    problem: null,
    draft: {
      document: history.present,
      live: kept.live,
      revision: kept.etag,
      saving: saving === "saving" ? "saving" : refused !== null && isDirty ? "refused" : isDirty ? "dirty" : "saved",
      problem: refused,
      conflict,
      ...checked,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      edit,
      undo: () => dispatch({ is: "undo" }),
      redo: () => dispatch({ is: "redo" }),
      save,
      settle,
    },
  };
}

type Found = Pick<Draft, "findings" | "isSound" | "lifetime"> & { readonly text: string };

/** What the server finds, a moment after the last change. Where things stand is no matter of the check. */
function useCheck(id: string, document: FlowDocument | null): Pick<Draft, "findings" | "isSound" | "isChecked" | "lifetime"> {
  const [found, setFound] = useState<Found>({ text: "", findings: [], isSound: false, lifetime: null });
  const text = document === null ? "" : JSON.stringify({ ...document, layout: undefined });
  useEffect(() => {
    if (text === "") return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const body = JSON.parse(text) as FlowDocument;
      void api
        .post("/api/v1/flows/{id}/check", { path: { id }, body, signal: stop.signal })
        .then((result) => result.ok && setFound({ text, findings: result.value.findings, isSound: result.value.sound, lifetime: result.value.lifetime ?? null }))
        .catch((error: unknown) => {
          if (!stop.signal.aborted) throw error;
        });
    }, CHECK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [id, text]);
  return { findings: found.findings, isSound: found.isSound, lifetime: found.lifetime, isChecked: found.text === text };
}
