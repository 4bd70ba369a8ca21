// Joins the work of two authors on one draft. Parts that only one of them touched are taken as he left them; a part that
// both touched differently is disputed, and a person chooses.
import type { FlowDocument } from "./types";

/** A part of the document that two authors changed differently since `base`; `undefined` where it is not there. */
export type Disputed = { readonly path: readonly string[]; readonly base: unknown; readonly mine: unknown; readonly theirs: unknown };

/** The joined draft, in which every disputed part is still mine. */
export type Merge = { readonly document: FlowDocument; readonly disputed: readonly Disputed[] };

type Members = { readonly [name: string]: unknown };

export function mergeDrafts(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): Merge {
  const disputed: Disputed[] = [];
  return { document: mergePart([], base, mine, theirs, disputed) as FlowDocument, disputed };
}

/** The joined draft with their version of some disputed parts. */
export function settled({ document }: Merge, theirs: readonly Disputed[]): FlowDocument {
  return theirs.reduce((next, part) => withPart(next, part.path, part.theirs) as FlowDocument, document);
}

function mergePart(path: readonly string[], base: unknown, mine: unknown, theirs: unknown, disputed: Disputed[]): unknown {
  if (isSame(mine, theirs) || isSame(base, theirs)) return mine;
  if (isSame(base, mine)) return theirs;
  if (!isMembers(mine) || !isMembers(theirs) || !isOpen(path, mine, theirs)) {
    if (!isPlace(path)) disputed.push({ path, base, mine, theirs });
    return mine;
  }
  const before = isMembers(base) ? base : {};
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  return present(names.map((name) => [name, mergePart([...path, name], before[name], mine[name], theirs[name], disputed)]));
}

/** Members whose own members are parts: two authors may work on two nodes, and on two settings of one. */
function isOpen([member, id, part, ...deeper]: readonly string[], mine: Members, theirs: Members): boolean {
  if (member === undefined) return true;
  if (!["nodes", "texts", "attributes", "handlers", "layout"].includes(member)) return false;
  if (id === undefined || member === "layout") return true;
  if (member === "texts") return part === undefined;
  if (member !== "nodes" || deeper.length > 0) return false;
  // Settings of another kind of node would not fit together.
  return part === undefined ? mine["kind"] === theirs["kind"] : part === "config" || part === "exits";
}

/** Where something stands on the canvas is worth no question: mine stays. What a comment says is. */
function isPlace(path: readonly string[]): boolean {
  return path[0] === "layout" && path.at(-1) !== "text";
}

function withPart(value: unknown, [name, ...rest]: readonly string[], part: unknown): unknown {
  if (name === undefined) return part;
  const members = isMembers(value) ? value : {};
  return present(Object.entries({ ...members, [name]: withPart(members[name], rest, part) }));
}

function present(members: readonly (readonly [string, unknown])[]): Members {
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
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
