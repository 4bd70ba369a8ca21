// What was published, newest first: which is live, what changed from one to the next, and the way back to any.
import { useMemo, useState } from "react";
import { api } from "../api/client";
import { useLoad } from "../api/useLoad";
import { useWords } from "../i18n";
import { Notice } from "../ui/Notice";
import { Ago } from "../ui/Time";
import { complain, tell } from "../ui/toasts";
import type { Marks } from "./canvas/graph";
import { changedNodes, compareDocuments, type Difference } from "./model/compare";
import type { FlowDocument } from "./model/types";
import type { Draft } from "./useDraft";

type VersionsProps = { readonly draft: Draft; readonly isReadOnly: boolean; readonly count: number; readonly released: () => void; readonly mark: (marks: Marks) => void };

export function Versions({ draft, isReadOnly, count, released, mark }: VersionsProps) {
  const { t } = useWords();
  const id = draft.document.id;
  const list = useLoad(() => api.get("/api/v1/flows/{id}/versions", { path: { id } }), `${id} ${count}`);
  const [chosen, setChosen] = useState<number | null>(null);
  const versions = list.value?.items ?? [];
  const shown = chosen ?? versions[0]?.version ?? null;
  const release = async (live: number) => {
    const result = await api.post("/api/v1/flows/{id}/release", { path: { id }, body: { live } });
    if (!result.ok) return complain(result.problem);
    tell(t("versions.released", { n: live }));
    released();
  };
  return (
    <div className="versions">
      <div className="card">
        {list.problem && <Notice tone="danger" problem={list.problem} />}
        {list.value && versions.length === 0 && <p className="empty">{t("versions.none")}</p>}
        <ol>
          {versions.map((version) => (
            <li key={version.version} data-chosen={version.version === shown}>
              <button className="version" onClick={() => setChosen(version.version)}>
                <strong>{t("flows.version", { n: version.version })}</strong>
                {version.live && <span className="tag good">{t("versions.live")}</span>}
                <span className="grow truncate">{version.message || t("versions.silent")}</span>
                <span className="muted">
                  <Ago at={version.published_at} />
                </span>
              </button>
              {!version.live && !isReadOnly && (
                <button className="button small" onClick={() => void release(version.version)}>
                  {t("versions.release")}
                </button>
              )}
            </li>
          ))}
        </ol>
      </div>
      {shown !== null && <Changes id={id} version={shown} draft={draft.document} mark={mark} />}
    </div>
  );
}

/** What the draft changes since a version. */
function Changes({ id, version, draft, mark }: { id: string; version: number; draft: FlowDocument; mark: (marks: Marks) => void }) {
  const { t } = useWords();
  const loaded = useLoad(() => api.get("/api/v1/flows/{id}/versions/{version}", { path: { id, version } }), `${id}@${version}`);
  const before = loaded.value?.document;
  const differences = useMemo(() => (before === undefined ? [] : compareDocuments(before, draft)), [before, draft]);
  return (
    <div className="card changes">
      <div className="row">
        <h2 className="grow">{t("versions.changes", { n: version })}</h2>
        {changedNodes(differences).size > 0 && (
          <button className="button small" onClick={() => mark(changedNodes(differences))}>
            {t("versions.show")}
          </button>
        )}
      </div>
      {before !== undefined && differences.length === 0 && <p className="muted">{t("versions.same")}</p>}
      <ul>
        {differences.map((one) => (
          <li key={one.where + one.what} data-change={one.change}>
            <Sign change={one.change} />
            <span className="grow">
              <strong>{t(`diff.${one.subject}`, { name: one.where })}</strong>
              {one.what !== "" && <code>{one.what}</code>}
            </span>
            {one.change === "changed" && (
              <span className="values">
                {one.before !== "" && <del>{one.before}</del>}
                {one.after !== "" && <ins>{one.after}</ins>}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Sign({ change }: { change: Difference["change"] }) {
  const { t } = useWords();
  const signs = { added: "+", removed: "−", changed: "~" } as const;
  return (
    <span className="sign" aria-label={t(`diff.${change}`)}>
      {signs[change]}
    </span>
  );
}
