// What one document says that another did not, at the level people think in: nodes, settings, exits, texts. Places on
// the canvas mean nothing and are left out.
import { isSame } from "./merge";
import type { FlowDocument, Target } from "./types";

export type Difference = {
  readonly change: "added" | "removed" | "changed";
  readonly subject: "node" | "setting" | "exit" | "text" | "attribute" | "flow" | "test";
  readonly where: string;
  readonly what: string;
  readonly before: string;
  readonly after: string;
};

type Members = { readonly [name: string]: unknown };

export function compareDocuments(before: FlowDocument, after: FlowDocument): readonly Difference[] {
  return [
    ...members("flow", "", pick(before), pick(after)),
    ...[...new Set([...Object.keys(before.nodes), ...Object.keys(after.nodes)])].sort().flatMap((id) => compareNode(id, before, after)),
    ...named("text", before.texts ?? {}, after.texts ?? {}),
    ...named("attribute", before.attributes ?? {}, after.attributes ?? {}),
    ...named("test", byName(before), byName(after)),
  ];
}

function pick({ title, channels, entry, handlers, library, inputs, outputs }: FlowDocument): Members {
  return { title, channels, entry, handlers: handlers ?? {}, library: library ?? "", inputs: inputs ?? {}, outputs: outputs ?? {} };
}

function byName(document: FlowDocument): Members {
  return Object.fromEntries((document.tests ?? []).map((test) => [test.name, test]));
}

function compareNode(id: string, before: FlowDocument, after: FlowDocument): readonly Difference[] {
  const [old, now] = [before.nodes[id], after.nodes[id]];
  if (old === undefined) return [{ change: "added", subject: "node", where: id, what: now?.kind ?? "", before: "", after: "" }];
  if (now === undefined) return [{ change: "removed", subject: "node", where: id, what: old.kind, before: "", after: "" }];
  return [
    ...members("setting", id, { kind: old.kind, title: old.title ?? null, note: old.note ?? null, ...old.config }, { kind: now.kind, title: now.title ?? null, note: now.note ?? null, ...now.config }),
    ...members("exit", id, targets(old.exits ?? {}), targets(now.exits ?? {})),
  ];
}

function targets(exits: { readonly [exit: string]: Target }): Members {
  return Object.fromEntries(Object.entries(exits).map(([exit, to]) => [exit, typeof to === "string" ? to : "end" in to ? `end: ${to.end}` : `handler: ${to.handler}`]));
}

function named(subject: Difference["subject"], before: Members, after: Members): readonly Difference[] {
  return members(subject, "", before, after).map((one) => ({ ...one, where: one.what, what: "" }));
}

function members(subject: Difference["subject"], where: string, before: Members, after: Members): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((what): Difference[] => {
    const [old, now] = [meant(before[what]), meant(after[what])];
    if (isSame(old, now)) return [];
    const change = old === undefined || old === null ? "added" : now === undefined || now === null ? "removed" : "changed";
    return [{ change, subject, where, what, before: short(old), after: short(now) }];
  });
}

/** A value without its empty parts, which the server leaves out when it keeps a document. */
function meant(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meant);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const kept = Object.entries(value).map(([name, own]) => [name, meant(own)] as const).filter(([, own]) => !isEmpty(own));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/** A value as text that fits on a line. */
export function short(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 140 ? `${text.slice(0, 139)}…` : text;
}
