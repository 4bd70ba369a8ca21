// What was published, newest first: which is live, what changed between any two, drawn and told, and the way back.
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useMemo, useState } from "react";
import { api } from "../api/client";
import { useLoad } from "../api/useLoad";
import { useWords } from "../i18n";
import { Notice } from "../ui/Notice";
import { Ago } from "../ui/Time";
import { Canvas } from "./canvas/Canvas";
import { changesOverlay } from "./canvas/overlay";
import type { Kinds } from "./kinds";
import { compareDocuments, type Difference } from "./model/compare";
import { PublishingRule } from "./PublishingRule";
import { Release } from "./Release";
import { RollOut, Service, Withdraw } from "./Service";
import type { FlowDocument } from "./model/types";
import type { Draft } from "./useDraft";

type VersionsProps = { readonly draft: Draft; readonly kinds: Kinds; readonly isReadOnly: boolean; readonly count: number; readonly released: () => void };

export function Versions({ draft, kinds, isReadOnly, count, released }: VersionsProps) {
  const { t } = useWords();
  const id = draft.document.id;
  const list = useLoad(() => api.get("/api/v1/flows/{id}/versions", { path: { id } }), `${id} ${count}`);
  const [chosen, setChosen] = useState<number | null>(null);
  const versions = list.value?.items ?? [];
  const shown = chosen ?? versions[0]?.version ?? null;
  const [releasing, setReleasing] = useState<number | null>(null);
  const [rolling, setRolling] = useState<number | null>(null);
  const [isWithdrawing, setWithdrawing] = useState(false);
  const hasLive = versions.some((version) => version.live);
  return (
    <div className="versions">
      <div className="card">
        {list.problem && <Notice tone="danger" problem={list.problem} />}
        {list.value && versions.length === 0 && <p className="empty">{t("versions.none")}</p>}
        <ol>
          {versions.map((version) => (
            <li key={version.version} data-chosen={version.version === shown}>
              <button className="version" aria-pressed={version.version === shown} onClick={() => setChosen(version.version)}>
                <span className="row">
                  <strong>{t("flows.version", { n: version.version })}</strong>
                  {version.live && <span className="tag good">{t("versions.live")}</span>}
                  <span className="grow" />
                  <span className="muted">
                    <Ago at={version.published_at} />
                  </span>
                </span>
                <span className="truncate muted">{version.message || t("versions.silent")}</span>
              </button>
              {!version.live && !isReadOnly && (
                <span className="version-acts">
                  <button className="button small" onClick={() => setReleasing(version.version)}>
                    {t("versions.release")}
                  </button>
                  {hasLive && (
                    <button className="button quiet small" onClick={() => setRolling(version.version)}>
                      {t("rollout.open")}
                    </button>
                  )}
                </span>
              )}
            </li>
          ))}
        </ol>
        {versions.length > 0 && <Service id={id} versions={versions.map((one) => one.version)} count={count} isReadOnly={isReadOnly} changed={released} withdraw={() => setWithdrawing(true)} />}
        <PublishingRule id={id} isReadOnly={isReadOnly} />
        <Past id={id} count={count} />
      </div>
      {rolling !== null && (
        <RollOut
          id={id}
          version={rolling}
          close={() => setRolling(null)}
          done={() => {
            setRolling(null);
            released();
          }}
        />
      )}
      {isWithdrawing && (
        <Withdraw
          id={id}
          close={() => setWithdrawing(false)}
          done={() => {
            setWithdrawing(false);
            released();
          }}
        />
      )}
      {releasing !== null && (
        <Releasing
          id={id}
          version={releasing}
          close={() => setReleasing(null)}
          released={() => {
            setReleasing(null);
            released();
          }}
        />
      )}
      {shown !== null && <Comparison key={shown} id={id} version={shown} versions={versions.map((one) => one.version)} draft={draft.document} kinds={kinds} />}
    </div>
  );
}

/** Who put what in service, and why. */
function Past({ id, count }: { id: string; count: number }) {
  const { t } = useWords();
  const past = useLoad(() => api.get("/api/v1/flows/{id}/releases", { path: { id } }), `${id} releases ${count}`).value?.items ?? [];
  if (past.length === 0) return null;
  return (
    <details className="past">
      <summary>{t("versions.past")}</summary>
      <ol>
        {past.map((one, at) => (
          <li key={at}>
            <span className="grow">
              {t(`release.${one.action}`)} {one.live == null ? "" : t("flows.version", { n: one.live })} {one.message !== "" && <q>{one.message}</q>}
            </span>
            <span className="muted">
              {one.by} · <Ago at={one.at} />
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

type ReleasingProps = { readonly id: string; readonly version: number; readonly close: () => void; readonly released: () => void };

function Releasing({ id, version, close, released }: ReleasingProps) {
  const document = useVersion(id, version);
  return document === undefined ? null : <Release document={document} version={version} close={close} released={released} />;
}

type ComparisonProps = { readonly id: string; readonly version: number; readonly versions: readonly number[]; readonly draft: FlowDocument; readonly kinds: Kinds };

/** What the draft, or another version, changes since a version: on the canvas and as a list. */
function Comparison({ id, version, versions, draft, kinds }: ComparisonProps) {
  const { t } = useWords();
  const [other, setOther] = useState<number | "draft">("draft");
  const before = useVersion(id, version);
  const published = useVersion(id, other === "draft" ? version : other);
  const after = other === "draft" ? draft : published;
  const differences = useMemo(() => (before === undefined || after === undefined ? null : compareDocuments(before, after)), [before, after]);
  if (before === undefined || after === undefined || differences === null) return <div />;
  return (
    <div className="card changes">
      <div className="row">
        <h2 className="grow">{other === "draft" ? t("versions.changes", { n: version }) : t("versions.changes.between", { a: other, b: version })}</h2>
        <select className="input" aria-label={t("versions.with")} value={String(other)} onChange={(event) => setOther(event.target.value === "draft" ? "draft" : Number(event.target.value))}>
          <option value="draft">{t("flows.draft")}</option>
          {versions
            .filter((one) => one !== version)
            .map((one) => (
              <option key={one} value={one}>
                {t("flows.version", { n: one })}
              </option>
            ))}
        </select>
      </div>
      <ReactFlowProvider key={other}>
        <Drawn before={before} after={after} differences={differences} kinds={kinds} />
      </ReactFlowProvider>
    </div>
  );
}

function useVersion(id: string, version: number): FlowDocument | undefined {
  return useLoad(() => api.get("/api/v1/flows/{id}/versions/{version}", { path: { id, version } }), `${id}@${version}`).value?.document;
}

type DrawnProps = { readonly before: FlowDocument; readonly after: FlowDocument; readonly differences: readonly Difference[]; readonly kinds: Kinds };

function Drawn({ before, after, differences, kinds }: DrawnProps) {
  const { t } = useWords();
  const flow = useReactFlow();
  const [selected, select] = useState<readonly string[]>([]);
  const overlay = useMemo(() => changesOverlay(differences, before, after), [differences, before, after]);
  const show = (node: string) => {
    select([node]);
    void flow.fitView({ nodes: [{ id: node }], maxZoom: 1, duration: 250 });
  };
  return (
    <>
      <div className="changes-canvas">
        <Canvas document={after} kinds={kinds} overlay={overlay} selected={selected} select={select} authoring={null} />
      </div>
      {differences.length === 0 && <p className="muted">{t("versions.same")}</p>}
      <ul>
        {differences.map((one) => (
          <li key={one.subject + one.where + one.what} data-change={one.change}>
            <Sign change={one.change} />
            <span className="grow">
              {one.subject === "node" || one.subject === "setting" || one.subject === "exit" ? (
                <button className="link" onClick={() => show(one.where)}>
                  {t(`diff.${one.subject}`, { name: one.where })}
                </button>
              ) : (
                <strong>{t(`diff.${one.subject}`, { name: one.where })}</strong>
              )}
              {one.what !== "" && <code>{one.what}</code>}
            </span>
            {one.subject !== "node" && (one.before !== "" || one.after !== "") && (
              <span className="values">
                {one.before !== "" && <del>{one.before}</del>}
                {one.after !== "" && <ins>{one.after}</ins>}
              </span>
            )}
          </li>
        ))}
      </ul>
    </>
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
