// Joins the work of two authors on one draft. Parts that only one of them touched are taken as he left them; when both
// touched the same part differently, somebody must choose, and this says so with `null`.
import type { FlowDocument } from "./types";

/** Members whose own members are parts: two authors may work on two nodes. */
const OPEN = new Set(["nodes", "texts", "attributes", "layout"]);

export function mergeDrafts(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): FlowDocument | null {
  return mergeMembers(base, mine, theirs, OPEN) as FlowDocument | null;
}

type Members = { readonly [name: string]: unknown };

function mergeMembers(base: Members, mine: Members, theirs: Members, open: ReadonlySet<string>): Members | null {
  const merged: { [name: string]: unknown } = {};
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const part = mergePart(base[name], mine[name], theirs[name], open.has(name));
    if (part === CONFLICT) return null;
    if (part !== undefined) merged[name] = part;
  }
  return merged;
}

const CONFLICT = Symbol("conflict");

function mergePart(base: unknown, mine: unknown, theirs: unknown, isOpen: boolean): unknown {
  if (isSame(mine, theirs) || isSame(base, theirs)) return mine;
  if (isSame(base, mine)) return theirs;
  if (!isOpen || !isMembers(mine) || !isMembers(theirs)) return CONFLICT;
  return mergeMembers(isMembers(base) ? base : {}, mine, theirs, new Set(["nodes"])) ?? CONFLICT;
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equal as JSON, whatever the order of members. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  if (!isMembers(a) || !isMembers(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name], b[name]));
}
