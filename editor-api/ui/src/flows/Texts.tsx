// Every text of the flow, its languages side by side, with those that are missing marked.
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Words } from "../i18n";
import { useWords } from "../i18n";
import { smsParts } from "./model/sms";
import type { Draft } from "./useDraft";

export function Texts({ draft, isReadOnly }: { draft: Draft; isReadOnly: boolean }) {
  const { t } = useWords();
  const { document, edit } = draft;
  const texts = (document.texts ?? {}) as { readonly [key: string]: Words };
  const [key, setKey] = useState("");
  const languages = [...new Set(["fr", "en", ...Object.values(texts).flatMap((words) => Object.keys(words))])];
  const missing = Object.values(texts).flatMap((words) => languages.filter((tag) => !words[tag])).length;
  const set = (next: { readonly [key: string]: Words }) => edit((current) => ({ ...current, texts: next as NonNullable<typeof current.texts> }), "texts");
  const isFree = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(key) && texts[key] === undefined;
  const change = (id: string, tag: string, text: string) => {
    const rest = Object.fromEntries(Object.entries(texts[id] ?? {}).filter(([other]) => other !== tag));
    set({ ...texts, [id]: text === "" ? rest : { ...rest, [tag]: text } });
  };
  const hasSms = (document.channels ?? []).some((channel) => channel === "sms");
  return (
    <fieldset className="texts" disabled={isReadOnly}>
      <div className="texts-head">
        <p className="muted grow">{t("texts.lead")}</p>
        {missing > 0 && <span className="tag warn">{t("texts.missing", { n: missing })}</span>}
      </div>
      <div className="card">
        <table className="table">
          <thead>
            <tr>
              <th>{t("texts.key")}</th>
              {languages.map((tag) => (
                <th key={tag}>{tag.toUpperCase()}</th>
              ))}
              <th>
                <span className="visually-hidden">{t("inspector.delete")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(texts).map(([id, words]) => (
              <tr key={id}>
                <td>
                  <code>@{id}</code>
                </td>
                {languages.map((tag) => (
                  <td key={tag} data-missing={!words[tag]}>
                    <textarea className="input" lang={tag} rows={2} aria-label={`${id}, ${tag}`} placeholder={t("texts.absent")} value={words[tag] ?? ""} onChange={(event) => change(id, tag, event.target.value)} />
                    {hasSms && words[tag] && <small className="muted">{t("texts.sms", { n: smsParts(words[tag]), chars: [...words[tag]].length })}</small>}
                  </td>
                ))}
                <td>
                  <button className="button quiet small icon" aria-label={t("form.remove.named", { name: id })} onClick={() => set(Object.fromEntries(Object.entries(texts).filter(([other]) => other !== id)))}>
                    <Trash2 size={13} aria-hidden />
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row">
        <input className="input code short" placeholder={t("texts.new")} aria-label={t("texts.new")} value={key} onChange={(event) => setKey(event.target.value)} />
        <button
          className="button"
          disabled={!isFree}
          onClick={() => {
            set({ ...texts, [key]: {} });
            setKey("");
          }}
        >
          <Plus size={14} aria-hidden />
          {t("form.add")}
        </button>
      </div>
    </fieldset>
  );
}
