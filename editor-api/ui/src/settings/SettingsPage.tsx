// The catalogue: every kind of setting as a list and a form made of its schema, and the keys.
import { Plus } from "lucide-react";
import { useState } from "react";
import { api } from "../api/client";
import { useLoad } from "../api/useLoad";
import { Link, navigate } from "../app/router";
import { valueTitle } from "../forms/titles";
import { useWords, type Words } from "../i18n";
import { Notice } from "../ui/Notice";
import { Ago } from "../ui/Time";
import { AuditPage } from "./AuditPage";
import { useDefinitions } from "./definitions";
import { kindsOf, pathOf, type CatalogueKind } from "./kinds";
import { KeysPage } from "./KeysPage";
import { SettingForm } from "./SettingForm";
import "./settings.css";

export default function SettingsPage({ kind, id }: { kind: string; id: string | undefined }) {
  const { t } = useWords();
  const definitions = useDefinitions();
  if (definitions === undefined) return null;
  const kinds = kindsOf(definitions);
  const chosen = kinds.find((one) => one.path === kind);
  return (
    <div className="settings">
      <nav aria-label={t("nav.settings")}>
        {kinds.map((one) => (
          <Link key={one.path} to={`/settings/${one.path}`} aria-current={one.path === kind ? "page" : undefined}>
            {t(one.label)}
          </Link>
        ))}
        <Link to="/settings/keys" aria-current={kind === "keys" ? "page" : undefined}>
          {t("settings.keys")}
        </Link>
        <Link to="/settings/audit" aria-current={kind === "audit" ? "page" : undefined}>
          {t("settings.audit")}
        </Link>
      </nav>
      <div className="settings-body">{kind === "audit" ? <AuditPage /> : chosen === undefined ? <KeysPage /> : <Catalogue kind={chosen} id={id} key={kind} />}</div>
    </div>
  );
}

function Catalogue({ kind, id }: { kind: CatalogueKind; id: string | undefined }) {
  const { t, say, language } = useWords();
  const [count, setCount] = useState(0);
  const list = useLoad(() => api.get(pathOf(kind), { query: { limit: 500 } }), `${kind.path} ${count}`);
  const items = (list.value?.items ?? []) as readonly { readonly id: string; readonly updated_at: string; readonly settings: { readonly title?: Words; readonly name?: string } }[];
  return (
    <div className="catalogue">
      <section className="catalogue-list">
        <header className="row">
          <h1 className="grow">{t(kind.label)}</h1>
          <button className="button small" onClick={() => navigate(`/settings/${kind.path}/+`)}>
            <Plus size={14} aria-hidden />
            {t("settings.new")}
          </button>
        </header>
        {list.problem && <Notice tone="danger" problem={list.problem} />}
        <ul className="card">
          {items.map((one) => (
            <li key={one.id}>
              <Link to={`/settings/${kind.path}/${encodeURIComponent(one.id)}`} aria-current={one.id === id ? "true" : undefined}>
                <span className="grow truncate">
                  <strong>{one.settings.name || say(one.settings.title) || (kind.ids === undefined ? one.id : valueTitle(one.id, language))}</strong>
                  <code className="muted">{one.id}</code>
                </span>
                <small className="muted">
                  <Ago at={one.updated_at} />
                </small>
              </Link>
            </li>
          ))}
          {list.value && items.length === 0 && <li className="empty">{t("settings.none")}</li>}
        </ul>
      </section>
      {id !== undefined && <SettingForm key={id} kind={kind} id={id === "+" ? null : id} changed={() => setCount((n) => n + 1)} />}
    </div>
  );
}
