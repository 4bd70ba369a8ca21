// A conversation that the agent begins himself (MAX-10, WAP-05): through a touchpoint where he may, to an address, in words
// or with a template that the provider approved. His own conversation may be set aside for it.
import { useState, type FormEvent } from "react";
import { api, type Problem } from "../api/client";
import { useLoad } from "../api/useLoad";
import { useWords, type Words } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { beginningOf, emptyLetter, mayBegin, needsTemplate, type Letter } from "./begin";
import { Template } from "./Template";
import type { Slot } from "./useDesk";

type BeginProps = {
  readonly agent: string;
  /** Conversations that may be set aside for it. */
  readonly holdable: readonly Slot[];
  /** The one that is looked at. */
  readonly shown: string | null;
  readonly close: () => void;
  readonly begun: (interaction: string) => void;
};

export function Begin({ agent, holdable, shown, close, begun }: BeginProps) {
  const { t, say, language } = useWords();
  const touchpoints = useBeginnings(agent);
  const [letter, setLetter] = useState<Letter>(() => emptyLetter(language));
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const chosen = touchpoints?.find((one) => one.id === letter.touchpoint) ?? touchpoints?.[0];
  const set = (part: Partial<Letter>) => setLetter((before) => ({ ...before, ...part }));
  const begin = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen === undefined) return;
    setBusy(true);
    const result = await api.post("/api/v1/agents/{id}/conversations", { path: { id: agent }, body: beginningOf({ ...letter, touchpoint: chosen.id }, chosen.settings) });
    setBusy(false);
    if (result.ok) return begun(result.value.interaction);
    setProblem(result.problem);
  };
  return (
    <Dialog title={t("begin.title")} close={close}>
      {touchpoints?.length === 0 ? (
        <Notice tone="info">{t("begin.nowhere")}</Notice>
      ) : (
        <form className="stack" onSubmit={(event) => void begin(event)}>
          <Field label={t("contact.touchpoint")}>
            {(ids) => (
              <select id={ids.control} className="input" value={chosen?.id ?? ""} onChange={(event) => set({ touchpoint: event.target.value, template: "" })}>
                {touchpoints?.map((one) => (
                  <option key={one.id} value={one.id}>
                    {say(one.settings.title as Words) || one.id}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t(chosen?.settings.channel === "email" ? "elevate.mailbox" : "elevate.number")} help={t("begin.address.help")}>
            {(ids) => (
              <input id={ids.control} aria-describedby={ids.help} className="input" type={chosen?.settings.channel === "email" ? "email" : "tel"} required autoFocus value={letter.address} onChange={(event) => set({ address: event.target.value })} />
            )}
          </Field>
          <div className="pair">
            <Field label={t("begin.name")}>{(ids) => <input id={ids.control} className="input" value={letter.name} onChange={(event) => set({ name: event.target.value })} />}</Field>
            <Field label={t("contact.language")}>
              {(ids) => (
                <select id={ids.control} className="input" value={letter.locale} onChange={(event) => set({ locale: event.target.value })}>
                  <option value="">{t("begin.locale.known")}</option>
                  <option value="fr">Français</option>
                  <option value="en">English</option>
                </select>
              )}
            </Field>
          </div>
          {chosen !== undefined && needsTemplate(chosen.settings) && <Template settings={chosen.settings} letter={letter} set={set} />}
          <Field label={t("elevate.body")} help={chosen !== undefined && needsTemplate(chosen.settings) ? t("begin.text.help") : undefined}>
            {(ids) => <textarea id={ids.control} aria-describedby={ids.help} className="input" required={letter.template === ""} value={letter.text} onChange={(event) => set({ text: event.target.value })} />}
          </Field>
          <Field label={t("begin.consent")} help={t("begin.consent.help")} complaint={problem?.code === "no-consent" ? t("begin.consent.needed") : undefined}>
            {(ids) => <input id={ids.control} aria-describedby={ids.help} className="input" value={letter.consent} onChange={(event) => set({ consent: event.target.value })} />}
          </Field>
          {holdable.length > 0 && (
            <label className="check">
              <input type="checkbox" checked={letter.hold !== ""} onChange={(event) => set({ hold: event.target.checked ? (holdable.find((slot) => slot.interaction === shown) ?? holdable[0])?.interaction ?? "" : "" })} />
              <span>{t("begin.hold")}</span>
            </label>
          )}
          {problem && problem.code !== "no-consent" && <Notice tone="danger" problem={problem} />}
          <footer>
            <button type="button" className="button" onClick={close}>
              {t("cancel")}
            </button>
            <button className="button primary" disabled={isBusy || chosen === undefined}>
              {t("begin.begin")}
            </button>
          </footer>
        </form>
      )}
    </Dialog>
  );
}

/** The touchpoints through which an agent may begin conversations; undefined until that is known. */
export function useBeginnings(agent: string) {
  const all = useLoad(() => api.get("/api/v1/touchpoints", { query: { limit: 500 } }), "touchpoints").value?.items;
  const own = useLoad(() => api.get("/api/v1/agents/{id}", { path: { id: agent } }), agent).value?.settings;
  const roles = useLoad(() => api.get("/api/v1/roles", { query: { limit: 500 } }), "roles").value?.items;
  if (all === undefined || own === undefined || roles === undefined) return undefined;
  const role = roles.find((one) => one.id === own.role)?.settings;
  return all.filter((one) => mayBegin(one, role));
}
