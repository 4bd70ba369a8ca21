// An interaction step by step, backwards and forwards: the flow it ran with its path, what was said, and every attribute.
import { ReactFlowProvider } from "@xyflow/react";
import { ChevronLeft, ChevronRight, Pause, Play } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { api } from "../api/client";
import { useEvery, useLoad, useSteady } from "../api/useLoad";
import { Canvas } from "../flows/canvas/Canvas";
import { NO_OVERLAY, pathOverlay } from "../flows/canvas/overlay";
import { useKinds } from "../flows/kinds";
import { useWords } from "../i18n";
import { Clock } from "../ui/Time";
import { Detail, nameOf } from "./Timeline";
import { replayOf, type Frame, type ReplayFact } from "../flows/replay";

/** How long each step stays while it plays. */
const STEP_MS = 900;

export default function Replay({ id, version }: { id: string; version: number }) {
  const { t, language } = useWords();
  const loaded = useLoad(() => api.get("/api/v1/interactions/{id}/timeline", { path: { id } }), `${id} ${version}`);
  const facts = (useSteady(loaded.value)?.items ?? NONE) as readonly ReplayFact[];
  const standings = useMemo(() => replayOf(facts), [facts]);
  const [looked, setLooked] = useState<number | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  const last = facts.length - 1;
  const at = Math.min(looked ?? last, last);
  const frame = standings[at]?.at(-1);
  const before = standings[at - 1]?.at(-1);
  const go = (to: number) => {
    setPlaying(false);
    setLooked(Math.max(0, Math.min(to, last)));
  };
  const tick = useCallback(() => {
    if (isPlaying) setLooked((now) => Math.min((now ?? last) + 1, last));
  }, [isPlaying, last]);
  useEvery(STEP_MS, tick);
  useEffect(() => {
    if (isPlaying && at >= last) setPlaying(false);
  }, [isPlaying, at, last]);
  const play = () => {
    if (!isPlaying && at >= last) setLooked(0);
    setPlaying(!isPlaying);
  };
  return (
    <section className="replay card" aria-label={t("replay.title")}>
      <div className="replay-canvas">{frame === undefined ? <p className="empty">{t("replay.nowhere")}</p> : <Path key={`${frame.flow}@${frame.version}`} frame={frame} />}</div>
      <div className="replay-side">
        <div className="row">
          <button className="button small icon" aria-label={t(isPlaying ? "replay.pause" : "replay.play")} onClick={play}>
            {isPlaying ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
          </button>
          <button className="button quiet small icon" aria-label={t("replay.back")} disabled={at <= 0} onClick={() => go(at - 1)}>
            <ChevronLeft size={14} aria-hidden />
          </button>
          <input className="grow" type="range" min={0} max={Math.max(last, 0)} value={Math.max(at, 0)} aria-label={t("replay.step")} onChange={(event) => go(Number(event.target.value))} />
          <button className="button quiet small icon" aria-label={t("replay.forth")} disabled={at >= last} onClick={() => go(at + 1)}>
            <ChevronRight size={14} aria-hidden />
          </button>
          <span className="muted">{t("simulator.step.of", { n: at + 1, all: facts.length })}</span>
        </div>
        <ol className="replay-facts">
          {facts.map((fact, index) =>
            index < at - 4 || index > at + 3 ? null : (
              <li key={index} aria-current={index === at ? "step" : undefined}>
                <button onClick={() => go(index)}>
                  <Clock at={fact.at} seconds />
                  <span className="grow">
                    <span>{nameOf(fact.fact, language)}</span>
                    <Detail fact={fact} />
                  </span>
                </button>
              </li>
            ),
          )}
        </ol>
        <div className="replay-attributes">
          <h3>{t("replay.attributes")}</h3>
          {frame !== undefined && (
            <p className="muted">
              <code>
                {frame.flow}@{frame.version}
                {frame.node === null ? "" : ` · ${frame.node}`}
              </code>
            </p>
          )}
          {Object.keys(frame?.attributes ?? {}).length === 0 && <p className="muted">{t("replay.attributes.none")}</p>}
          <dl className="facts">
            {Object.entries(frame?.attributes ?? {}).map(([name, value]) => (
              <div key={name} data-new={JSON.stringify(before?.attributes[name]) !== JSON.stringify(value)}>
                <dt>{name}</dt>
                <dd>
                  <code>{JSON.stringify(value)}</code>
                </dd>
              </div>
            ))}
          </dl>
        </div>
      </div>
    </section>
  );
}

const NONE: readonly ReplayFact[] = [];

function Path({ frame }: { frame: Frame }) {
  return (
    <ReactFlowProvider>
      <Drawn frame={frame} />
    </ReactFlowProvider>
  );
}

function Drawn({ frame }: { frame: Frame }) {
  const kinds = useKinds();
  const [selected, select] = useState<readonly string[]>([]);
  const path = { id: frame.flow, version: frame.version };
  const document = useLoad(() => api.get("/api/v1/flows/{id}/versions/{version}", { path }), `${frame.flow}@${frame.version}`).value?.document;
  const overlay = useMemo(() => (document === undefined ? NO_OVERLAY : pathOverlay(frame.nodes, frame.exits, frame.node)), [document, frame]);
  if (document === undefined || kinds === undefined) return null;
  return <Canvas document={document} kinds={kinds} overlay={overlay} follow={frame.node} selected={selected} select={select} authoring={null} />;
}
