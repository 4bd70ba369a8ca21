// What stands beside the canvas: the settings of the chosen node, or those of the flow when none is chosen.
import { Copy, Flag, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { api } from "../api/client";
import { SchemaForm, escaped, type FormWorld } from "../forms/SchemaForm";
import { WordsField } from "../forms/WordsField";
import { useReferences, type References } from "../forms/references";
import { valueTitle } from "../forms/titles";
import { spoken, useWords, type Words } from "../i18n";
import { Field } from "../ui/Field";
import { KindIcon } from "../ui/KindIcon";
import { Markdown } from "../ui/Markdown";
import { Attributes } from "./Attributes";
import { FindingLine } from "./Findings";
import { Preview } from "./Preview";
import type { Kinds } from "./kinds";
import { changeNode, connect, copyNodes, disconnect, pasteNodes, removeNodes, renameNode } from "./model/edit";
import { exitsOf } from "./model/exits";
import { CHANNELS, type FlowDocument, type Json, type JsonObject, type Target } from "./model/types";
import type { Draft } from "./useDraft";

type InspectorProps = { readonly draft: Draft; readonly kinds: Kinds; readonly id: string | null; readonly select: (ids: readonly string[]) => void; readonly isReadOnly: boolean };

export function Inspector(props: InspectorProps) {
  const { draft, id, isReadOnly } = props;
  const catalogue = useReferences();
  const { language } = useWords();
  const references = useMemo(() => withOwn(catalogue, draft.document, language), [catalogue, draft.document, language]);
  const isNode = id !== null && draft.document.nodes[id] !== undefined;
  return (
    <fieldset className="inspector" disabled={isReadOnly}>
      {isNode ? <NodeInspector {...props} id={id} references={references} key={id} /> : <FlowInspector draft={draft} />}
    </fieldset>
  );
}

/** The catalogue's names, and what the flow itself names: its texts and attributes. */
function withOwn(catalogue: References, document: FlowDocument, language: "en" | "fr"): References {
  return {
    ...catalogue,
    names: (kind) => {
      if (kind === "text") return Object.entries(document.texts ?? {}).map(([id, words]) => ({ id, title: spoken(words as Words, language) }));
      if (kind === "attribute") return Object.keys({ ...document.attributes, ...document.inputs }).map((id) => ({ id, title: id }));
      return catalogue.names(kind);
    },
  };
}

function NodeInspector({ draft, kinds, id, select, references, isReadOnly }: InspectorProps & { readonly id: string; readonly references: References }) {
  const { t, say, language } = useWords();
  const { document, edit, findings } = draft;
  const [hasHelp, setHelp] = useState(false);
  const node = document.nodes[id];
  if (node === undefined) return null;
  const descriptor = kinds.get(node.kind);
  const own = findings.filter((finding) => finding.node === id);
  const root = `/nodes/${escaped(id)}/config`;
  const world: FormWorld = {
    definitions: {},
    references,
    isReadOnly,
    complaint: (pointer) => own.find((finding) => finding.pointer === pointer)?.message[language],
    complete: async (pointer, offset) => {
      const result = await api.post("/api/v1/flows/{id}/complete", { path: { id: document.id }, body: { document, pointer, offset } });
      return result.ok ? result.value.candidates.map(({ label, kind, detail }) => ({ label, kind, detail: detail[language] })) : [];
    },
  };
  const rename = (to: string) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(to) || document.nodes[to] !== undefined) return;
    edit((current) => renameNode(current, id, to), `rename ${id}`);
    select([to]);
  };
  const duplicate = () => {
    const [next, copies] = pasteNodes(document, copyNodes(document, [id]));
    edit(next, "paste");
    select(copies);
  };
  return (
    <>
      <header className="inspector-head" data-category={descriptor?.category}>
        <span className="kind-icon">
          <KindIcon name={descriptor?.icon} size={17} />
        </span>
        <div className="grow">
          <h2>{say(descriptor?.title) || node.kind}</h2>
          <button type="button" className="help-toggle" aria-expanded={hasHelp} onClick={() => setHelp(!hasHelp)}>
            {t(hasHelp ? "inspector.help.hide" : "inspector.help.show")}
          </button>
        </div>
        <button type="button" className="button quiet small icon" title={t("inspector.duplicate")} aria-label={t("inspector.duplicate")} onClick={duplicate}>
          <Copy size={14} aria-hidden />
        </button>
        <button
          type="button"
          className="button quiet small icon danger"
          title={t("inspector.delete")}
          aria-label={t("inspector.delete")}
          onClick={() => {
            edit((current) => removeNodes(current, [id]), "delete");
            select([]);
          }}
        >
          <Trash2 size={14} aria-hidden />
        </button>
      </header>
      {hasHelp && descriptor && <Markdown text={say(descriptor.docs)} />}
      {own.length > 0 && (
        <ul className="findings inline">
          {own.map((finding) => (
            <FindingLine key={finding.code + finding.pointer} finding={finding} />
          ))}
        </ul>
      )}
      <section>
        <WordsField label={t("inspector.title")} value={(node.title ?? {}) as Words} change={(title) => edit((current) => changeNode(current, id, ({ title: _, ...rest }) => (title === undefined ? rest : { ...rest, title: { ...title } })), `title ${id}`)} />
        <IdField key={id} id={id} rename={rename} />
        {document.entry !== id && (
          <button type="button" className="button small start" onClick={() => edit((current) => ({ ...current, entry: id }), "entry")}>
            <Flag size={13} aria-hidden />
            {t("inspector.entry")}
          </button>
        )}
      </section>
      {descriptor && Object.keys(descriptor.config.properties ?? {}).length > 0 && (
        <section>
          <h3>{t("inspector.settings")}</h3>
          <SchemaForm
            schema={descriptor.config}
            value={(node.config ?? {}) as JsonObject}
            pointer={root}
            world={world}
            change={(config) => edit((current) => changeNode(current, id, (now) => ({ ...now, config: (config ?? {}) as { [k: string]: Json } })), `config ${id}`)}
          />
        </section>
      )}
      {descriptor?.category === "talk" && <Preview document={document} id={id} />}
      <section>
        <h3>{t("inspector.exits")}</h3>
        {exitsOf(node, descriptor).map((exit) => (
          <ExitField
            key={exit.name}
            exit={exit.name}
            help={say(exit.docs).replace(/`/g, "")}
            to={node.exits?.[exit.name]}
            document={document}
            kinds={kinds}
            own={id}
            references={references}
            set={(to) => edit((current) => (to === undefined ? disconnect(current, id, exit.name) : connect(current, id, exit.name, to)), `exit ${id}.${exit.name}`)}
          />
        ))}
        {exitsOf(node, descriptor).length === 0 && <p className="muted">{t("inspector.exits.none")}</p>}
      </section>
      <section>
        <Field label={t("inspector.note")}>
          {(ids) => (
            <textarea
              id={ids.control}
              className="input"
              value={node.note ?? ""}
              onChange={(event) => edit((current) => changeNode(current, id, ({ note: _, ...rest }) => (event.target.value === "" ? rest : { ...rest, note: event.target.value })), `note ${id}`)}
            />
          )}
        </Field>
      </section>
    </>
  );
}

function IdField({ id, rename }: { id: string; rename: (to: string) => void }) {
  const { t } = useWords();
  const [text, setText] = useState(id);
  return (
    <Field label={t("inspector.id")}>
      {(ids) => (
        <input
          id={ids.control}
          className="input code"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={() => rename(text.trim())}
          onKeyDown={(event) => event.key === "Enter" && rename(text.trim())}
        />
      )}
    </Field>
  );
}

type ExitFieldProps = {
  readonly exit: string;
  readonly help: string;
  readonly to: Target | undefined;
  readonly document: FlowDocument;
  readonly kinds: Kinds;
  readonly own: string;
  readonly references: References;
  readonly set: (to: Target | undefined) => void;
};

function ExitField({ exit, help, to, document, kinds, own, references, set }: ExitFieldProps) {
  const { t, say } = useWords();
  const value = to === undefined ? "" : typeof to === "string" ? `node:${to}` : "end" in to ? "end" : `handler:${to.handler}`;
  const choose = (text: string) => {
    if (text === "") return set(undefined);
    if (text === "end") return set({ end: references.names("disposition")[0]?.id ?? "done" });
    if (text === "handler:error") return set({ handler: "error" });
    set(text.slice("node:".length));
  };
  const nameOf = (id: string) => {
    const node = document.nodes[id];
    return (node?.title == null ? "" : say(node.title as Words)) || say(kinds.get(node?.kind ?? "")?.title) || id;
  };
  return (
    <Field label={<code>{exit}</code>} help={help}>
      {(ids) => (
        <>
          <select id={ids.control} aria-describedby={ids.help} className="input" value={value} onChange={(event) => choose(event.target.value)}>
            <option value="">{t("exit.unwired")}</option>
            <optgroup label={t("exit.nodes")}>
              {Object.keys(document.nodes)
                .filter((id) => id !== own || value === `node:${id}`)
                .map((id) => (
                  <option key={id} value={`node:${id}`}>
                    {nameOf(id)} — {id}
                  </option>
                ))}
            </optgroup>
            <option value="end">{t("exit.end")}</option>
            {document.handlers?.error != null && <option value="handler:error">{t("exit.handler")}</option>}
          </select>
          {typeof to === "object" && "end" in to && (
            <input className="input code" aria-label={t("exit.end.name")} value={to.end} onChange={(event) => set({ end: event.target.value })} />
          )}
        </>
      )}
    </Field>
  );
}

function FlowInspector({ draft }: { draft: Draft }) {
  const { t, language } = useWords();
  const { document, edit } = draft;
  const channels = new Set(document.channels ?? []);
  const nodes = Object.keys(document.nodes);
  const handler = (name: "error" | "disconnect") => (
    <Field label={t(`flow.handler.${name}`)} help={t(`flow.handler.${name}.help`)}>
      {(ids) => (
        <select
          id={ids.control}
          aria-describedby={ids.help}
          className="input"
          value={document.handlers?.[name] ?? ""}
          onChange={(event) =>
            edit((current) => {
              const { [name]: _, ...rest } = current.handlers ?? {};
              return { ...current, handlers: event.target.value === "" ? rest : { ...rest, [name]: event.target.value } };
            }, "handlers")
          }
        >
          <option value="">{t("form.none")}</option>
          {nodes.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <>
      <header className="inspector-head">
        <div className="grow">
          <h2>{t("flow.settings")}</h2>
          <span className="muted">{t("flow.settings.hint")}</span>
        </div>
      </header>
      <section>
        <WordsField label={t("flow.title")} value={(document.title ?? {}) as Words} change={(title) => edit((current) => ({ ...current, title: { ...title } }), "flow title")} />
        <div className="field">
          <span className="label">{t("flow.channels")}</span>
          <div className="checks">
            {CHANNELS.map((channel) => (
              <label key={channel} className="check">
                <input
                  type="checkbox"
                  checked={channels.has(channel)}
                  onChange={(event) =>
                    edit((current) => {
                      const rest = (current.channels ?? []).filter((one) => one !== channel);
                      return { ...current, channels: event.target.checked ? [...rest, channel] : rest };
                    }, "channels")
                  }
                />
                <span>{valueTitle(channel, language)}</span>
              </label>
            ))}
          </div>
        </div>
      </section>
      <section>
        <h3>{t("flow.attributes")}</h3>
        <Attributes draft={draft} />
      </section>
      <section>
        <h3>{t("flow.handlers")}</h3>
        {handler("error")}
        {handler("disconnect")}
      </section>
    </>
  );
}
