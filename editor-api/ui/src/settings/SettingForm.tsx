// One thing of the catalogue, in a form made of its schema. Nothing is saved until it is asked for; a change that
// somebody else made in the meantime is never overwritten.
import { Trash2 } from "lucide-react";
import { useEffect, useState, type FormEvent } from "react";
import { api, type Problem } from "../api/client";
import { freshId } from "../api/fresh";
import { useLoad } from "../api/useLoad";
import { navigate } from "../app/router";
import { SchemaForm, isObject } from "../forms/SchemaForm";
import { blankOf } from "../forms/schema";
import { useReferences, type References } from "../forms/references";
import { valueTitle } from "../forms/titles";
import type { Json } from "../flows/model/types";
import { useWords, type Words } from "../i18n";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { askWhether } from "../ui/ask";
import { tell } from "../ui/toasts";
import { CalendarPicture } from "./CalendarPicture";
import { Embed } from "./Embed";
import { YearPicture } from "./YearPicture";
import { useDefinitions } from "./definitions";
import { pathOf, type CatalogueKind } from "./kinds";

type SettingFormProps = { readonly kind: CatalogueKind; readonly id: string | null; readonly changed: () => void };

export function SettingForm({ kind, id, changed }: SettingFormProps) {
  const { t, say, language } = useWords();
  const definitions = useDefinitions();
  const catalogue = useReferences();
  const [name, setName] = useState(id ?? "");
  const [value, setValue] = useState<Json>();
  const [etag, setEtag] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const schema = definitions?.[kind.schema];
  const references = withAliases(catalogue, useAliases(isObject(value) ? value["default_flow"] : undefined));

  useEffect(() => {
    if (id === null) return;
    void api.get(`${pathOf(kind)}/{id}`, { path: { id } }).then((result) => {
      if (!result.ok) return setProblem(result.problem);
      setValue(result.value.settings as Json);
      setEtag(result.etag ?? "");
    });
  }, [kind.path, id]);
  useEffect(() => {
    if (id === null && schema !== undefined && definitions !== undefined) setValue(blankOf(schema, definitions));
  }, [id, schema, definitions]);

  if (definitions === undefined || schema === undefined || (value === undefined && problem === null)) return null;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    // The form follows the server's own schema; the server judges what it was given.
    const settings = value as never;
    const result =
      id === null
        ? await api.post(pathOf(kind), { body: { id: name, settings } as never, once: freshId() })
        : await api.put(`${pathOf(kind)}/{id}`, { path: { id }, body: settings, ifMatch: etag });
    if (!result.ok) return setProblem(result.problem);
    setProblem(null);
    setEtag(result.etag ?? "");
    tell(t("settings.saved"));
    changed();
    if (id === null) navigate(`/settings/${kind.path}/${encodeURIComponent(name)}`);
  };
  const remove = async () => {
    if (id === null || !(await askWhether(t("settings.delete.sure", { name: id }), t("inspector.delete")))) return;
    const result = await api.delete(`${pathOf(kind)}/{id}`, { path: { id }, ifMatch: etag } as never);
    if (!result.ok) return setProblem(result.problem);
    changed();
    navigate(`/settings/${kind.path}`);
  };
  const findings = (problem?.["findings"] ?? []) as readonly { readonly pointer: string; readonly message: { readonly en: string; readonly fr: string } }[];
  const world = { definitions, references, named: kind.named, complaint: (pointer: string) => findings.find((one) => one.pointer === pointer)?.message[language] };
  return (
    <form className="card setting-form" onSubmit={(event) => void save(event)}>
      <header className="row">
        <h2 className="grow">
          {id === null ? t(kind.one) : kind.ids === undefined ? titleOf(value, say) || id : valueTitle(id, language)} {id !== null && <code className="muted">{id}</code>}
        </h2>
        {id !== null && (
          <button type="button" className="button quiet small danger" onClick={() => void remove()}>
            <Trash2 size={14} aria-hidden />
            {t("inspector.delete")}
          </button>
        )}
        <button className="button primary small">{t(id === null ? "create" : "save")}</button>
      </header>
      {problem && <Notice tone="danger" problem={problem} />}
      {id === null && (
        <Field label={t(kind.ids === undefined ? "flows.id" : kind.one)} help={kind.ids === undefined ? t("flows.id.help") : ""}>
          {(ids) =>
            kind.ids === undefined ? (
              <input id={ids.control} aria-describedby={ids.help} className="input code" required value={name} onChange={(event) => setName(event.target.value)} />
            ) : (
              <select id={ids.control} aria-describedby={ids.help} className="input" required value={name} onChange={(event) => setName(event.target.value)}>
                <option value="">{t("form.none")}</option>
                {kind.ids.map((one) => (
                  <option key={one} value={one}>
                    {valueTitle(one, language)}
                  </option>
                ))}
              </select>
            )
          }
        </Field>
      )}
      {kind.path === "calendars" && value !== undefined && <CalendarPicture settings={value} />}
      {kind.path === "calendars" && value !== undefined && <YearPicture settings={value} />}
      {value !== undefined && <SchemaForm schema={schema} value={value} change={(next) => setValue(next ?? {})} pointer="" world={world} />}
      {kind.path === "touchpoints" && id !== null && <Embed touchpoint={id} settings={value} />}
    </form>
  );
}

/** What people call a thing, of its settings as they are typed. */
function titleOf(settings: Json | undefined, say: (words: Words) => string): string {
  if (!isObject(settings)) return "";
  const { name, title } = settings;
  return typeof name === "string" && name !== "" ? name : isObject(title) ? say(title as Words) : "";
}

/** The names that a flow gives to its versions, which a touchpoint may ask for. */
function useAliases(flow: Json | undefined): readonly string[] {
  const id = typeof flow === "string" && flow !== "" ? flow : null;
  const load = () => (id === null ? Promise.resolve({ ok: true as const, value: undefined, etag: null }) : api.get("/api/v1/flows/{id}/release", { path: { id } }));
  return Object.keys(useLoad(load, `aliases of ${id ?? ""}`).value?.aliases ?? {});
}

function withAliases(catalogue: References, aliases: readonly string[]): References {
  return { ...catalogue, names: (kind) => (kind === "alias" ? aliases.map((id) => ({ id, title: id })) : catalogue.names(kind)) };
}
