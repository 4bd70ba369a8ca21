// Every flow of the organisation, with what is live; and the way to a new one.
import { FileInput, Plus, Workflow } from "lucide-react";
import { useState, type FormEvent } from "react";
import { api } from "../api/client";
import { useLoad } from "../api/useLoad";
import { navigate, Link } from "../app/router";
import { powers, useSession } from "../app/session";
import { useWords } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { Ago } from "../ui/Time";
import type { Problem } from "../api/client";
import { ImportFlows } from "./ImportFlows";
import { emptyDocument, idFrom } from "./model/blank";

export default function FlowList() {
  const { t, say } = useWords();
  const { session } = useSession();
  const flows = useLoad(() => api.get("/api/v1/flows", { query: { limit: 500 } }), "flows");
  const [isMaking, setMaking] = useState(false);
  const [isImporting, setImporting] = useState(false);
  const items = flows.value?.items ?? [];
  return (
    <div className="page">
      <header className="page-head">
        <div className="grow">
          <h1>{t("flows.title")}</h1>
          <p className="muted">{t("flows.lead")}</p>
        </div>
        {powers(session).author && (
          <>
            <button className="button" onClick={() => setImporting(true)}>
              <FileInput size={16} aria-hidden />
              {t("import.open")}
            </button>
            <button className="button primary" onClick={() => setMaking(true)}>
              <Plus size={16} aria-hidden />
              {t("flows.new")}
            </button>
          </>
        )}
      </header>
      {flows.problem && <Notice tone="danger" problem={flows.problem} />}
      <div className="card">
        {flows.value && items.length === 0 ? (
          <div className="empty">
            <Workflow size={28} aria-hidden />
            <h2>{t("flows.none")}</h2>
            <p>{t("flows.none.text")}</p>
          </div>
        ) : (
          <table className="table">
            <thead>
              <tr>
                <th>{t("flows.name")}</th>
                <th>{t("flows.id")}</th>
                <th>{t("flows.live")}</th>
                <th>{t("flows.changed")}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((flow) => (
                <tr key={flow.id}>
                  <td>
                    <Link className="main" to={`/flows/${flow.id}`}>
                      {say(flow.title as Record<string, string>) || flow.id}
                    </Link>
                  </td>
                  <td>
                    <code className="muted">{flow.id}</code>
                  </td>
                  <td>
                    {flow.live ? (
                      <span className="tag good">{t("flows.version", { n: flow.live })}</span>
                    ) : (
                      <span className="tag">{t("flows.draft")}</span>
                    )}
                  </td>
                  <td className="muted">
                    <Ago at={flow.updated_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {isImporting && <ImportFlows close={() => setImporting(false)} saved={() => void flows.reload()} />}
      {isMaking && <NewFlow close={() => setMaking(false)} />}
    </div>
  );
}

function NewFlow({ close }: { close: () => void }) {
  const { t, language } = useWords();
  const [title, setTitle] = useState("");
  const [id, setId] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const name = id ?? idFrom(title);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    const made = await api.post("/api/v1/flows", { body: emptyDocument(name, { [language]: title }) });
    if (made.ok) navigate(`/flows/${name}`);
    else setProblem(made.problem);
  };
  return (
    <Dialog title={t("flows.new")} close={close}>
      <form className="stack" onSubmit={(event) => void create(event)}>
        <Field label={t("flows.name")}>
          {(ids) => <input id={ids.control} className="input" value={title} autoFocus required onChange={(e) => setTitle(e.target.value)} />}
        </Field>
        <Field label={t("flows.id")} help={t("flows.id.help")}>
          {(ids) => (
            <input
              id={ids.control}
              aria-describedby={ids.help}
              className="input code"
              value={name}
              pattern="[A-Za-z0-9][A-Za-z0-9_\-]{0,63}"
              required
              onChange={(e) => setId(e.target.value)}
            />
          )}
        </Field>
        {problem && <Notice tone="danger" problem={problem} />}
        <footer>
          <button type="button" className="button" onClick={close}>
            {t("cancel")}
          </button>
          <button className="button primary" disabled={name === ""}>
            {t("create")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
