// Lines of the audit trail as people read them: one line for each thing that was done, with the way to that thing.
import type { MessageKey } from "../i18n";
import { CATALOGUE } from "./kinds";

/** What the server says of one change; other members depend on it. */
export type Change = { readonly action: string; readonly kind: string; readonly id: string; readonly message?: string; readonly done?: string; readonly reason?: string; readonly to?: string; readonly as?: string; readonly force?: boolean };

export type Told = {
  /** The word for what was done. */
  readonly did: MessageKey;
  /** The word for what kind of thing it is. */
  readonly kind: MessageKey;
  readonly id: string;
  /** Where the thing is shown, while it is there. */
  readonly to: string | null;
  readonly why: string;
};

/** Kinds of documents that are no kinds of settings, each with the page that shows it. */
const OTHERS: { readonly [kind: string]: { readonly word: MessageKey; readonly page: (id: string) => string | null } } = {
  flow_draft: { word: "audit.kind.flow_draft", page: (id) => `/flows/${id}` },
  flow_version: { word: "audit.kind.flow_version", page: (id) => `/flows/${flowOf(id)}` },
  release: { word: "audit.kind.release", page: (id) => `/flows/${id}` },
  release_note: { word: "audit.kind.release", page: (id) => `/flows/${flowOf(id)}` },
  publishing_rule: { word: "audit.kind.publishing_rule", page: (id) => `/flows/${id}` },
  api_key: { word: "audit.kind.api_key", page: () => "/settings/keys" },
  session: { word: "audit.kind.session", page: () => null },
  tenant: { word: "audit.kind.tenant", page: () => null },
  visits: { word: "audit.kind.visits", page: () => null },
  interaction: { word: "audit.kind.interaction", page: (id) => `/interactions/${id}` },
};

/** What has a better word than that something was written or deleted. */
const SAID: { readonly [what: string]: MessageKey } = {
  "flow_version put": "audit.did.published",
  "session put": "audit.did.signed_in",
  "session delete": "audit.did.signed_out",
  "api_key delete": "audit.did.revoked",
};

export function toldOf(changes: readonly Change[]): readonly Told[] {
  // A release is written with a note of it, and the note says what was done and why.
  const hasNote = changes.some((change) => change.kind === "release_note");
  return changes.filter((change) => !(hasNote && change.kind === "release")).map(told);
}

function told(change: Change): Told {
  const { action, kind, id } = change;
  const setting = CATALOGUE.find((one) => kindOf(one.path) === kind);
  const other = OTHERS[kind];
  const page = setting === undefined ? (other?.page(id) ?? null) : `/settings/${setting.path}/${encodeURIComponent(id)}`;
  const given = change.to === undefined ? "" : `→ ${change.to}`;
  return {
    did: change.done === undefined ? (SAID[`${kind} ${action}`] ?? (`audit.did.${action}` as MessageKey)) : (`release.${change.done}` as MessageKey),
    kind: setting?.one ?? other?.word ?? "audit.kind.other",
    id: kind === "release_note" ? flowOf(id) : id,
    to: action === "delete" ? null : page,
    why: [given, change.message ?? change.reason ?? ""].filter((part) => part !== "").join(" "),
  };
}

/** `shop@3` is of the flow `shop`. */
function flowOf(id: string): string {
  return id.split("@")[0] ?? id;
}

/** `canned-answers` holds documents of the kind `canned_answer`. */
function kindOf(path: string): string {
  return path === "defaults" ? path : path.replaceAll("-", "_").replace(/s$/, "");
}
