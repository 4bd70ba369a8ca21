// Comments on the canvas: what authors tell each other beside the nodes. They are kept in the document's layout, which
// means nothing to the server, so a comment never makes another version.
import type { FlowDocument, Point } from "./types";

export type Comment = Point & { readonly width: number; readonly height: number; readonly text: string };
export type Comments = { readonly [id: string]: Comment };

const FRESH = { width: 220, height: 110, text: "" };

export function commentsOf(document: FlowDocument): Comments {
  return (document.layout as { readonly comments?: Comments } | undefined)?.comments ?? {};
}

/** Adds an empty comment. Answers its id too. */
export function addComment(document: FlowDocument, { x, y }: Point): [FlowDocument, string] {
  const comments = commentsOf(document);
  let number = 1;
  while (comments[`c${number}`] !== undefined) number += 1;
  const id = `c${number}`;
  return [withComments(document, { ...comments, [id]: { ...FRESH, x: Math.round(x), y: Math.round(y) } }), id];
}

/** Changes some of a comment; one that is gone stays gone. */
export function changeComment(document: FlowDocument, id: string, change: Partial<Comment>): FlowDocument {
  const comments = commentsOf(document);
  const before = comments[id];
  if (before === undefined) return document;
  const { x, y, width, height, text } = { ...before, ...change };
  return withComments(document, { ...comments, [id]: { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height), text } });
}

export function removeComments(document: FlowDocument, ids: readonly string[]): FlowDocument {
  if (ids.length === 0) return document;
  return withComments(document, Object.fromEntries(Object.entries(commentsOf(document)).filter(([id]) => !ids.includes(id))));
}

function withComments(document: FlowDocument, comments: Comments): FlowDocument {
  return { ...document, layout: { ...document.layout, comments } };
}
