// The audit trail: who changed what, when and why, the latest change first.
import { ScrollText } from "lucide-react";
import { useState } from "react";
import { api } from "../api/client";
import { usePages } from "../api/usePages";
import { Link } from "../app/router";
import { useWords, type MessageKey } from "../i18n";
import { Notice } from "../ui/Notice";
import { Ago } from "../ui/Time";
import { useSettled } from "../ui/useSettled";
import { toldOf, type Change } from "./audit";

type Line = { readonly id: string; readonly at: string; readonly key: string; readonly title?: string | null; readonly role: { readonly role: string; readonly agent?: string }; readonly changes: readonly Change[] };

export function AuditPage() {
  const { t } = useWords();
  const [wanted, setWanted] = useState("");
  const text = useSettled(wanted).trim();
  const query = { limit: 100, order: "newest", ...(text === "" ? {} : { text }) };
  const { items, problem, more } = usePages((after) => api.get("/api/v1/audit", { query: { ...query, ...(after === undefined ? {} : { after }) } }), text, 0);
  const lines = items as readonly Line[] | undefined;
  return (
    <div className="audit">
      <header>
        <h1>{t("audit.title")}</h1>
        <p className="muted">{t("audit.lead")}</p>
      </header>
      <div className="filters">
        <input className="input" type="search" placeholder={t("audit.search")} aria-label={t("audit.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
      </div>
      {problem && <Notice tone="danger" problem={problem} />}
      <div className="card" role="region" aria-label={t("audit.title")} tabIndex={0}>
        {lines === undefined ? null : lines.length === 0 ? (
          <div className="empty">
            <ScrollText size={26} aria-hidden />
            <p>{t(more === null ? "audit.none" : "interactions.none.yet")}</p>
          </div>
        ) : (
          <table className="table">
            <thead>
              <tr>
                <th>{t("audit.when")}</th>
                <th>{t("audit.who")}</th>
                <th>{t("audit.what")}</th>
                <th>{t("audit.why")}</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <AuditLine key={line.id} line={line} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {more !== null && (
        <p className="row">
          <button className="button small" onClick={() => void more()}>
            {t("interactions.more")}
          </button>
        </p>
      )}
    </div>
  );
}

function AuditLine({ line }: { line: Line }) {
  const { t } = useWords();
  const told = toldOf(line.changes);
  return (
    <tr>
      <td className="muted">
        <Ago at={line.at} />
      </td>
      <td>
        {line.role.agent ?? line.title ?? t(`role.${line.role.role}` as MessageKey)} <code className="muted">{line.key}</code>
      </td>
      <td>
        <ul>
          {told.map((one, at) => (
            <li key={at}>
              {t(one.did)} · {t(one.kind)} {one.to === null ? <code>{one.id}</code> : <Link className="link" to={one.to}>{one.id}</Link>}
            </li>
          ))}
        </ul>
      </td>
      <td>{[...new Set(told.map((one) => one.why).filter((why) => why !== ""))].join(" ")}</td>
    </tr>
  );
}
