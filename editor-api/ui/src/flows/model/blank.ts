// What a new flow is before anybody touched it: an empty canvas, which the check says is unfinished.
import type { FlowDocument } from "./types";
import type { Words } from "../../i18n";

export function emptyDocument(id: string, title: Words): FlowDocument {
  return { schema: 1, id, title: { ...title }, channels: ["webchat", "whatsapp"], entry: "start", nodes: {} };
}

/** An id made of a title: small letters, digits and hyphens. */
export function idFrom(title: string): string {
  const plain = title.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 64);
}
