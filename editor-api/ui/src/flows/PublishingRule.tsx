// What a flow must show before it is published: that its tests pass, and how much of it they cover.
import { useEffect, useState, type FormEvent } from "react";
import { api, type Schemas } from "../api/client";
import { useLoad, type Loaded } from "../api/useLoad";
import { useWords } from "../i18n";
import { Field } from "../ui/Field";
import { complain, tell } from "../ui/toasts";

export type Rule = Schemas["PublishingRule"];

export function usePublishingRule(id: string): Loaded<Rule> {
  return useLoad(() => api.get("/api/v1/flows/{id}/publishing-rule", { path: { id } }), `${id} rule`);
}

export function PublishingRule({ id, isReadOnly }: { id: string; isReadOnly: boolean }) {
  const { t } = useWords();
  const { value, reload } = usePublishingRule(id);
  const [rule, setRule] = useState<Rule | null>(null);
  useEffect(() => {
    if (value !== undefined) setRule(value);
  }, [value]);
  if (rule === null) return null;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const result = await api.put("/api/v1/flows/{id}/publishing-rule", { path: { id }, body: rule });
    if (!result.ok) return complain(result.problem);
    tell(t("settings.saved"));
    void reload();
  };
  const isChanged = value !== undefined && (value.tests_pass !== rule.tests_pass || value.coverage_min !== rule.coverage_min);
  return (
    <form className="service" onSubmit={(event) => void save(event)}>
      <h2>{t("rule.title")}</h2>
      <p className="muted">{t("rule.lead")}</p>
      <label className="check">
        <input type="checkbox" disabled={isReadOnly} checked={rule.tests_pass === true} onChange={(event) => setRule({ ...rule, tests_pass: event.target.checked })} />
        <span>{t("rule.tests")}</span>
      </label>
      <Field label={t("rule.coverage")}>
        {(ids) => (
          <div className="row">
            <input id={ids.control} className="input small-number" type="number" min={0} max={100} required disabled={isReadOnly} value={rule.coverage_min ?? 0} onChange={(event) => setRule({ ...rule, coverage_min: Number(event.target.value) })} />
            <span className="grow">%</span>
            {!isReadOnly && (
              <button className="button small" disabled={!isChanged}>
                {t("save")}
              </button>
            )}
          </div>
        )}
      </Field>
    </form>
  );
}

/** The same as a sentence, where something is published; nothing where the flow has no rule. */
export function RuleSaid({ id }: { id: string }) {
  const { t } = useWords();
  const rule = usePublishingRule(id).value;
  const parts = [rule?.tests_pass === true ? t("rule.said.tests") : "", (rule?.coverage_min ?? 0) > 0 ? t("rule.said.coverage", { n: rule?.coverage_min ?? 0 }) : ""].filter((part) => part !== "");
  return parts.length === 0 ? null : <p className="muted">{t("rule.said", { what: parts.join(", ") })}</p>;
}
