// The page that exchanges a key for a session.
import { useState, type FormEvent } from "react";
import type { Problem } from "../api/client";
import { useWords } from "../i18n";
import { Notice } from "../ui/Notice";
import { Field } from "../ui/Field";
import { PreferenceButtons } from "./PreferenceButtons";
import "./signin.css";

export function SignIn({ enter }: { enter: (key: string) => Promise<Problem | null> }) {
  const { t } = useWords();
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(await enter(key.trim()));
    setBusy(false);
  };
  return (
    <main className="signin">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <div className="signin-brand">
          <Mark />
          <span>Routewright</span>
        </div>
        <h1>{t("signin.title")}</h1>
        <p className="muted">{t("signin.lead")}</p>
        <Field label={t("signin.key")} help={t("signin.help")}>
          {(id) => (
            <input
              id={id.control}
              aria-describedby={id.help}
              className="input code"
              type="password"
              autoComplete="current-password"
              placeholder="rw_…"
              value={key}
              onChange={(event) => setKey(event.target.value)}
              autoFocus
              required
            />
          )}
        </Field>
        {problem !== null && <Notice tone="danger" problem={problem.code === "no-valid-key" ? { ...problem, detail: t("signin.refused"), hint: t("signin.refused.hint") } : problem} />}
        <button className="button primary" disabled={isBusy || key.trim() === ""}>
          {t("signin.enter")}
        </button>
      </form>
      <div className="signin-preferences">
        <PreferenceButtons />
      </div>
    </main>
  );
}

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0f6e62" />
      <path d="M9 22V10m0 2h6a4 4 0 0 1 4 4v0a4 4 0 0 0 4 4" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="9" cy="22" r="2.6" fill="#fff" />
      <circle cx="23" cy="20" r="2.6" fill="#9ff0dd" />
    </svg>
  );
}
