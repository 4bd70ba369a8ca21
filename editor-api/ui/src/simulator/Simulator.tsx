// The simulator: one talks to the draft as a contact, moves time and agents, and sees the path light up.
import { ChevronLeft, ChevronRight, Clock, FlaskConical, RotateCcw, Save, Send } from "lucide-react";
import { useEffect, useMemo, useRef, useState, type FormEvent } from "react";
import { useReferences } from "../forms/references";
import { NO_OVERLAY, type Overlay } from "../flows/canvas/overlay";
import { replayOf, type ReplayFact } from "../flows/replay";
import type { Draft } from "../flows/useDraft";
import { useWords, type MessageKey } from "../i18n";
import { Notice } from "../ui/Notice";
import { Clock as TimeOfDay } from "../ui/Time";
import { askFor } from "../ui/ask";
import { Detail, nameOf } from "../supervise/Timeline";
import { tell } from "../ui/toasts";
import { AgentSteps } from "./AgentSteps";
import { OutsideSteps } from "./OutsideSteps";
import { TestRuns } from "./TestRuns";
import { WorldForm, firstWorld } from "./WorldForm";
import { factsOf, linesOf, pathOf, testOf, type Line } from "./reading";
import { useRehearsal, type Rehearsal } from "./useRehearsal";
import "../styles/conversation.css";
import "./simulator.css";

type SimulatorProps = { readonly draft: Draft; readonly isReadOnly: boolean; readonly show: (overlay: Overlay) => void };

export function Simulator({ draft, isReadOnly, show }: SimulatorProps) {
  const { t, language } = useWords();
  const references = useReferences();
  const first = useMemo(() => firstWorld(draft.document, language), []);
  const rehearsal = useRehearsal(draft.document, first);
  const [tab, setTab] = useState<"talk" | "world" | "tests">("talk");
  const seen = useMemo(() => factsOf(rehearsal.ticks.slice(0, rehearsal.at + 1)), [rehearsal.ticks, rehearsal.at]);
  const { id } = draft.document;
  const [coverage, setCoverage] = useState<Overlay>(NO_OVERLAY);
  useEffect(() => show(tab === "tests" ? coverage : pathOf(id, seen)), [id, seen, show, tab, coverage]);
  useEffect(() => () => show(NO_OVERLAY), [show]);
  const save = async () => {
    const suggestion = t("simulator.save.default", { n: (draft.document.tests?.length ?? 0) + 1 });
    const name = await askFor(t("simulator.save.name"), suggestion, t("save"));
    if (name === null) return;
    const test = testOf(name, rehearsal.world, rehearsal.steps, rehearsal.moments);
    draft.edit((current) => ({ ...current, tests: [...(current.tests ?? []), test] }), "test");
    tell(t("simulator.saved"));
  };
  return (
    <div className="simulator">
      <header>
        <div className="tabs" role="tablist" aria-label={t("simulator.title")}>
          {(["talk", "world", "tests"] as const).map((one) => (
            <button key={one} role="tab" aria-selected={tab === one} onClick={() => setTab(one)}>
              {t(`simulator.${one}`)}
            </button>
          ))}
        </div>
        <div className="grow" />
        {tab === "talk" && (
          <>
            {!isReadOnly && (
              <button className="button quiet small icon" aria-label={t("simulator.save")} title={t("simulator.save")} disabled={seen.length === 0} onClick={() => void save()}>
                <Save size={14} aria-hidden />
              </button>
            )}
            <button className="button quiet small icon" aria-label={t("simulator.restart")} title={t("simulator.restart")} onClick={rehearsal.restart}>
              <RotateCcw size={14} aria-hidden />
            </button>
          </>
        )}
      </header>
      {tab === "talk" && <Talk rehearsal={rehearsal} facts={seen} dispositions={references.names("disposition").map((one) => one.id)} />}
      {tab === "world" && <WorldForm world={rehearsal.world} change={rehearsal.change} document={draft.document} references={references} />}
      {tab === "tests" && <TestRuns draft={draft} show={setCoverage} />}
    </div>
  );
}

type TalkProps = { readonly rehearsal: Rehearsal; readonly facts: readonly ReplayFact[]; readonly dispositions: readonly string[] };

function Talk({ rehearsal, facts, dispositions }: TalkProps) {
  const { t } = useWords();
  const { moments, ticks, at, play, problem, failure } = rehearsal;
  const [text, setText] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => linesOf(facts), [facts]);
  const now = moments[ticks[at]?.moment ?? -1];
  const lastOptions = lines.findLast((line) => line.by !== "event")?.options ?? [];
  useEffect(() => {
    // In braces: newer browsers answer scrolling with a promise, which React would take for a way to undo it.
    end.current?.scrollIntoView({ block: "end" });
  }, [lines.length]);
  const say = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    play({ contact_says: text.trim() });
    setText("");
  };
  return (
    <>
      <div className="talk" role="log" aria-label={t("simulator.talk")}>
        {lines.length === 0 && <p className="empty">{t("simulator.start")}</p>}
        {lines.map((line, index) => (
          <Said key={index} line={line} />
        ))}
        {lastOptions.length > 0 && (
          <div className="talk-options">
            {lastOptions.map((option) => (
              <button key={option.id} className="button small" onClick={() => play({ contact_chooses: option.id })}>
                {option.label}
              </button>
            ))}
          </div>
        )}
        {problem && <Notice tone="danger" problem={problem} />}
        {failure && <Notice tone="warn">{failure}</Notice>}
        <div ref={end} />
      </div>
      {now && <Attributes rehearsal={rehearsal} facts={facts} />}
      <div className="simulator-controls">
        <form className="row" onSubmit={say}>
          <input className="input" value={text} placeholder={t("simulator.write")} aria-label={t("simulator.write")} onChange={(event) => setText(event.target.value)} />
          <button className="button primary icon" aria-label={t("desk.send")}>
            <Send size={15} aria-hidden />
          </button>
        </form>
        <div className="row wrap">
          <Clock size={14} className="muted" aria-label={t("simulator.time")} />
          {["30s", "5m", "1h", "1d"].map((length) => (
            <button key={length} className="button small" disabled={moments.length === 0} onClick={() => play({ time_passes: length })}>
              +{length}
            </button>
          ))}
          <button className="button small" disabled={moments.length === 0} onClick={() => play({ contact_leaves: {} })}>
            {t("simulator.leave")}
          </button>
        </div>
        <OutsideSteps facts={facts} play={play} />
        <AgentSteps given={rehearsal.world.given.agents ?? {}} steps={rehearsal.steps} dispositions={dispositions} moment={now} play={play} />
      </div>
    </>
  );
}

function Said({ line }: { line: Line }) {
  const { t } = useWords();
  if (line.by === "event") {
    return (
      <p className="event">
        {t(`fact.${line.event ?? ""}` as MessageKey)}
        {line.text !== "" && <strong> {line.text}</strong>}
      </p>
    );
  }
  return (
    <div className={`said ${line.by}`}>
      <p>{line.text}</p>
      <small>
        {t(`by.${line.by}`)} · <TimeOfDay at={line.at} seconds />
      </small>
    </div>
  );
}

/** Every attribute after the tick that is looked at, and the way to the ticks before and after. */
function Attributes({ rehearsal, facts }: { rehearsal: Rehearsal; facts: readonly ReplayFact[] }) {
  const { t, language } = useWords();
  const { ticks, at, look } = rehearsal;
  const standings = useMemo(() => replayOf(facts), [facts]);
  const frames = standings.at(-1) ?? [];
  const earlier = ticks[at]?.fact == null ? frames : (standings.at(-2) ?? []);
  const fact = ticks[at]?.fact;
  return (
    <div className="attributes">
      <div className="row">
        <button className="button quiet small icon" aria-label={t("simulator.back")} disabled={at <= 0} onClick={() => look(at - 1)}>
          <ChevronLeft size={14} aria-hidden />
        </button>
        <input type="range" min={0} max={ticks.length - 1} value={at} aria-label={t("simulator.step")} onChange={(event) => look(Number(event.target.value))} />
        <button className="button quiet small icon" aria-label={t("simulator.forth")} disabled={at >= ticks.length - 1} onClick={() => look(at + 1)}>
          <ChevronRight size={14} aria-hidden />
        </button>
        <span className="muted">{t("simulator.step.of", { n: at + 1, all: ticks.length })}</span>
      </div>
      {fact != null && (
        <p className="tick">
          <span>{nameOf(fact.fact, language)}</span>
          <Detail fact={fact} />
        </p>
      )}
      {frames.map((frame, depth) => (
        <dl key={depth}>
          <div className="where">
            <FlaskConical size={12} aria-hidden />
            <code>{[depth > 0 ? frame.flow : null, frame.node].filter((part) => part !== null).join(" · ")}</code>
          </div>
          {Object.entries(frame.attributes).map(([name, value]) => (
            <div key={name} data-new={JSON.stringify(earlier[depth]?.attributes[name]) !== JSON.stringify(value)}>
              <dt>{name}</dt>
              <dd>
                <code>{JSON.stringify(value)}</code>
              </dd>
            </div>
          ))}
        </dl>
      ))}
    </div>
  );
}
