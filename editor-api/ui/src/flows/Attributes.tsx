// The attributes that a flow declares: what it keeps about each interaction.
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { valueTitle } from "../forms/titles";
import { useWords } from "../i18n";
import type { Draft } from "./useDraft";

type Spec = Schemas["AttributeSpec"];
const TYPES: readonly Spec["type"][] = ["string", "integer", "number", "boolean", "array", "object", "date"];

export function Attributes({ draft }: { draft: Draft }) {
  const { t, language } = useWords();
  const [name, setName] = useState("");
  const attributes = draft.document.attributes ?? {};
  const set = (next: { [name: string]: Spec }) => draft.edit((current) => ({ ...current, attributes: next }), "attributes");
  const isFree = /^[a-z_][A-Za-z0-9_]*$/.test(name) && attributes[name] === undefined;
  const add = () => {
    if (!isFree) return;
    set({ ...attributes, [name]: { type: "string" } });
    setName("");
  };
  return (
    <>
      <ul className="items">
        {Object.entries(attributes).map(([id, spec]) => (
          <li key={id} className="item flat">
            <code className="map-key truncate">{id}</code>
            <select className="input" aria-label={t("flow.attribute.type", { name: id })} value={spec.type} onChange={(event) => set({ ...attributes, [id]: { ...spec, type: event.target.value as Spec["type"] } })}>
              {TYPES.map((type) => (
                <option key={type} value={type}>
                  {valueTitle(type, language)}
                </option>
              ))}
            </select>
            <button type="button" className="button quiet small icon" aria-label={t("form.remove.named", { name: id })} onClick={() => set(Object.fromEntries(Object.entries(attributes).filter(([other]) => other !== id)))}>
              <Trash2 size={13} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      <div className="row">
        <input className="input code" placeholder={t("flow.attribute.new")} aria-label={t("flow.attribute.new")} value={name} onChange={(event) => setName(event.target.value)} onKeyDown={(event) => event.key === "Enter" && add()} />
        <button type="button" className="button small" disabled={!isFree} onClick={add}>
          <Plus size={13} aria-hidden />
          {t("form.add")}
        </button>
      </div>
    </>
  );
}
