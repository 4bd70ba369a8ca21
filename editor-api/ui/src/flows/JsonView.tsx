// The document as text, in step with the canvas both ways. Text that is not a document yet changes nothing.
import { useEffect, useMemo, useState } from "react";
import { useWords } from "../i18n";
import { CodeEditor, type Mark } from "../ui/CodeEditor";
import { isSame } from "./model/merge";
import { rangeOf } from "./model/pointer";
import type { FlowDocument } from "./model/types";
import type { Draft } from "./useDraft";

export function JsonView({ draft, isReadOnly }: { draft: Draft; isReadOnly: boolean }) {
  const { language, t } = useWords();
  const { document, edit, findings } = draft;
  const [text, setText] = useState(() => written(document));
  useEffect(() => {
    setText((before) => (isSame(parsed(before), document) ? before : written(document)));
  }, [document]);
  const marks = useMemo(
    () =>
      findings.map((finding): Mark => {
        const [from, to] = rangeOf(text, finding.pointer);
        return { from, to, severity: finding.severity, message: finding.message[language] };
      }),
    [findings, text, language],
  );
  const change = (next: string) => {
    setText(next);
    const value = parsed(next);
    if (looksLikeAFlow(value, document.id)) edit(value, "json");
  };
  return (
    <div className="json-view">
      <CodeEditor value={text} change={change} language="json" name={t("json.name")} marks={marks} fills isReadOnly={isReadOnly} />
      {parsed(text) === undefined && <p className="json-state">{t("json.unfinished")}</p>}
    </div>
  );
}

function written(document: FlowDocument): string {
  return JSON.stringify(document, null, 2);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Enough of a flow for the canvas to draw; the server judges the rest. */
function looksLikeAFlow(value: unknown, id: string): value is FlowDocument {
  if (typeof value !== "object" || value === null) return false;
  const { nodes, entry, ...rest } = value as Record<string, unknown>;
  if (rest["id"] !== id || typeof entry !== "string" || typeof nodes !== "object" || nodes === null) return false;
  return Object.values(nodes).every((node) => typeof node === "object" && node !== null && typeof (node as Record<string, unknown>)["kind"] === "string");
}
