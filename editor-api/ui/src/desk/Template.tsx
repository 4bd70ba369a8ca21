// A message that the provider approved beforehand: the only one that reaches a contact whose messaging window is closed
// (WAP-06, WAP-13).
import { useState, type FormEvent } from "react";
import { api, type Schemas } from "../api/client";
import { freshId } from "../api/fresh";
import { useLoad } from "../api/useLoad";
import { useWords } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { attachedOf, emptyLetter, needsTemplate, templatesOf, type Letter } from "./begin";
import type { DeskState } from "./useDesk";

type Filled = Pick<Letter, "template" | "templateLanguage" | "parameters">;

type TemplateProps = { readonly settings: Pick<Schemas["TouchpointSettings"], "templates">; readonly letter: Filled; readonly set: (part: Partial<Filled>) => void; readonly isRequired?: boolean };

/** The message that the provider approved, its language there, and what it is filled in with. */
export function Template({ settings, letter, set, isRequired = false }: TemplateProps) {
  const { t } = useWords();
  const known = templatesOf(settings);
  const chosen = settings.templates?.[letter.template];
  return (
    <>
      <Field label={t("begin.template")} help={t("begin.template.help")}>
        {(ids) =>
          known.length === 0 ? (
            <input id={ids.control} aria-describedby={ids.help} className="input code" required={isRequired} value={letter.template} onChange={(event) => set({ template: event.target.value })} />
          ) : (
            <select id={ids.control} aria-describedby={ids.help} className="input" required={isRequired} value={letter.template} onChange={(event) => set({ template: event.target.value, templateLanguage: settings.templates?.[event.target.value]?.languages[0] ?? "", parameters: [] })}>
              <option value="">{t("form.none")}</option>
              {known.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )
        }
      </Field>
      {letter.template !== "" && (
        <Field label={t("begin.template.language")}>
          {(ids) =>
            chosen === undefined ? (
              <input id={ids.control} className="input code" required value={letter.templateLanguage} onChange={(event) => set({ templateLanguage: event.target.value })} />
            ) : (
              <select id={ids.control} className="input" value={letter.templateLanguage} onChange={(event) => set({ templateLanguage: event.target.value })}>
                {chosen.languages.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            )
          }
        </Field>
      )}
      {letter.template !== "" && chosen === undefined && (
        <Field label={t("begin.parameters")} help={t("begin.parameters.help")}>
          {(ids) => <textarea id={ids.control} aria-describedby={ids.help} className="input" value={letter.parameters.join("\n")} onChange={(event) => set({ parameters: event.target.value === "" ? [] : event.target.value.split("\n") })} />}
        </Field>
      )}
      {Array.from({ length: chosen?.parameters ?? 0 }, (_, at) => (
        <Field key={at} label={t("begin.parameter", { n: at + 1 })}>
          {(ids) => <input id={ids.control} className="input" required value={letter.parameters[at] ?? ""} onChange={(event) => set({ parameters: Array.from({ length: chosen?.parameters ?? 0 }, (_, i) => (i === at ? event.target.value : (letter.parameters[i] ?? ""))) })} />}
        </Field>
      ))}
    </>
  );
}

/** The settings of a conversation's touchpoint, where templates may be needed; undefined elsewhere. */
export function useTemplates(touchpoint: string | undefined): Schemas["TouchpointSettings"] | undefined {
  const load = () => (touchpoint === undefined ? Promise.resolve({ ok: true as const, value: undefined, etag: null }) : api.get("/api/v1/touchpoints/{id}", { path: { id: touchpoint } }));
  const settings = useLoad(load, `touchpoint ${touchpoint ?? ""}`).value?.settings;
  return settings !== undefined && needsTemplate(settings) ? settings : undefined;
}

type WriteTemplateProps = { readonly interaction: string; readonly settings: Schemas["TouchpointSettings"]; readonly state: DeskState; readonly close: () => void };

/** Writes with a template in a conversation that goes on. */
export function WriteTemplate({ interaction, settings, state, close }: WriteTemplateProps) {
  const { t, language } = useWords();
  const [filled, setFilled] = useState<Filled>(() => emptyLetter(language));
  const [text, setText] = useState("");
  const [event_id] = useState(freshId);
  const write = async (event: FormEvent) => {
    event.preventDefault();
    if (await state.act({ action: "write", interaction, text, event_id, attached: attachedOf(filled) })) close();
  };
  return (
    <Dialog title={t("template.title")} close={close}>
      <form className="stack" onSubmit={(event) => void write(event)}>
        <Template settings={settings} letter={filled} set={(part) => setFilled({ ...filled, ...part })} isRequired />
        <Field label={t("elevate.body")} help={t("begin.text.help")}>
          {(ids) => <textarea id={ids.control} aria-describedby={ids.help} className="input" value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
        <footer>
          <button type="button" className="button" onClick={close}>
            {t("cancel")}
          </button>
          <button className="button primary">{t("desk.send")}</button>
        </footer>
      </form>
    </Dialog>
  );
}
