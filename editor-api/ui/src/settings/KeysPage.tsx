// Keys: who holds which, making one, revoking one. A key is shown once, when it is made.
import { KeyRound, Trash2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { api, type Problem } from "../api/client";
import { freshId } from "../api/fresh";
import { useLoad } from "../api/useLoad";
import { useReferences } from "../forms/references";
import { useSession } from "../app/session";
import { useWords } from "../i18n";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { Ago } from "../ui/Time";
import { askWhether } from "../ui/ask";
import { complain } from "../ui/toasts";

const ROLES = ["administrator", "author", "supervisor", "agent", "touchpoint", "visitor"] as const;

export function KeysPage() {
  const { t } = useWords();
  const { session } = useSession();
  const [count, setCount] = useState(0);
  const keys = useLoad(() => api.get("/api/v1/keys", { query: { limit: 500 } }), `keys ${count}`);
  const revoke = async (id: string, title: string) => {
    if (!(await askWhether(t("keys.revoke.sure", { name: title || id }), t("keys.revoke")))) return;
    const result = await api.delete("/api/v1/keys/{id}", { path: { id } });
    if (!result.ok) return complain(result.problem);
    setCount(count + 1);
  };
  return (
    <div className="catalogue">
      <section className="catalogue-list wide">
        <h1>{t("settings.keys")}</h1>
        <p className="muted">{t("keys.lead")}</p>
        {keys.problem && <Notice tone="danger" problem={keys.problem} />}
        <div className="card">
          <table className="table">
            <thead>
              <tr>
                <th>{t("keys.title")}</th>
                <th>{t("keys.role")}</th>
                <th>{t("keys.made")}</th>
                <th>
                  <span className="visually-hidden">{t("keys.revoke")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {keys.value?.items.map((key) => (
                <tr key={key.id}>
                  <td>
                    <strong>{key.title || "–"}</strong> <code className="muted">{key.id}</code>
                  </td>
                  <td>
                    {t(`role.${key.role}`)} {"agent" in key ? <code>{key.agent}</code> : "touchpoint" in key ? <code>{key.touchpoint}</code> : null}
                  </td>
                  <td className="muted">
                    <Ago at={key.made_at} />
                  </td>
                  <td className="number">
                    {key.id !== session.key && (
                      <button className="button quiet small icon danger" aria-label={t("keys.revoke.named", { name: key.title || key.id })} onClick={() => void revoke(key.id, key.title)}>
                        <Trash2 size={14} aria-hidden />
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <NewKey made={() => setCount(count + 1)} />
    </div>
  );
}

function NewKey({ made }: { made: () => void }) {
  const { t } = useWords();
  const agents = useReferences().names("agent");
  const touchpoints = useLoad(() => api.get("/api/v1/touchpoints", { query: { limit: 500 } }), "touchpoints").value?.items ?? [];
  const [role, setRole] = useState<(typeof ROLES)[number]>("agent");
  const [title, setTitle] = useState("");
  const [of, setOf] = useState("");
  const [told, setTold] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const choices = role === "agent" ? agents.map((one) => one.id) : touchpoints.map((one) => one.id);
  const needsName = role === "agent" || role === "touchpoint" || role === "visitor";
  const make = async (event: FormEvent) => {
    event.preventDefault();
    const named = role === "agent" ? { agent: of } : needsName ? { touchpoint: of } : {};
    const result = await api.post("/api/v1/keys", { body: { title, role, ...named } as never, once: freshId() });
    setProblem(result.ok ? null : result.problem);
    if (!result.ok) return;
    setTold(result.value.key ?? null);
    made();
  };
  return (
    <form className="card setting-form" onSubmit={(event) => void make(event)}>
      <h2>{t("keys.new")}</h2>
      <Field label={t("keys.title")}>{(ids) => <input id={ids.control} className="input" value={title} onChange={(event) => setTitle(event.target.value)} />}</Field>
      <Field label={t("keys.role")} help={t(`role.${role}.help`)}>
        {(ids) => (
          <select id={ids.control} aria-describedby={ids.help} className="input" value={role} onChange={(event) => setRole(event.target.value as typeof role)}>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {t(`role.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {needsName && (
        <Field label={t(role === "agent" ? "settings.agent" : "settings.touchpoint")}>
          {(ids) => (
            <select id={ids.control} className="input" required value={of} onChange={(event) => setOf(event.target.value)}>
              <option value="">{t("form.none")}</option>
              {choices.map((id) => (
                <option key={id}>{id}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      {problem && <Notice tone="danger" problem={problem} />}
      {told !== null && (
        <Notice tone="good">
          <p>{t("keys.told")}</p>
          <pre className="code-line">{told}</pre>
        </Notice>
      )}
      <button className="button primary">
        <KeyRound size={15} aria-hidden />
        {t("keys.make")}
      </button>
    </form>
  );
}
