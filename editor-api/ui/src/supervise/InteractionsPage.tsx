// Interactions, by where they stand, and everything that happened to one.
import { ArrowLeft, MessagesSquare } from "lucide-react";
import { Suspense, lazy, useState } from "react";
import { api, type Schemas } from "../api/client";
import { useLoad, useSteady } from "../api/useLoad";
import { usePages } from "../api/usePages";
import { Link, navigate } from "../app/router";
import { useReferences } from "../forms/references";
import { valueTitle } from "../forms/titles";
import { languageTitle, useWords, type Words } from "../i18n";
import { nameOfContact } from "../ui/contact";
import { ChannelIcon } from "../ui/ChannelIcon";
import { Notice } from "../ui/Notice";
import { Ago } from "../ui/Time";
import { useSettled } from "../ui/useSettled";
import { Timeline } from "./Timeline";
import { useFacts } from "./useFacts";
import { WhyNot } from "./Why";
import "./supervise.css";

// The canvas is heavy, and most timelines are only read.
const Replay = lazy(() => import("./Replay"));

type State = Schemas["State"];
const STATES: readonly State[] = ["in_flow", "waiting", "offered", "active", "wrap_up", "ended"];

export default function InteractionsPage({ id }: { id: string | undefined }) {
  return id === undefined ? <List /> : <One id={id} key={id} />;
}

function List() {
  const { t, say, language } = useWords();
  const { title } = useReferences();
  const { version } = useFacts();
  const [state, setState] = useState<State | "">("");
  const [touchpoint, setTouchpoint] = useState("");
  const [agent, setAgent] = useState("");
  const [wanted, setWanted] = useState("");
  const text = useSettled(wanted).trim();
  const query = { limit: 100, ...(state === "" ? {} : { state }), ...(touchpoint === "" ? {} : { touchpoint }), ...(agent === "" ? {} : { agent }), ...(text === "" ? {} : { text }) };
  const { items: shown, problem, more } = usePages((after) => api.get("/api/v1/interactions", { query: { ...query, ...(after === undefined ? {} : { after }) } }), JSON.stringify(query), version);
  const touchpoints = useLoad(() => api.get("/api/v1/touchpoints", { query: { limit: 500 } }), "touchpoints").value?.items ?? [];
  const agents = useLoad(() => api.get("/api/v1/agents", { query: { limit: 500 } }), "agents").value?.items ?? [];
  return (
    <div className="page">
      <header className="page-head">
        <div className="grow">
          <h1>{t("interactions.title")}</h1>
          <p className="muted">{t("interactions.lead")}</p>
        </div>
      </header>
      <div className="filters">
        <input className="input" type="search" placeholder={t("interactions.search")} aria-label={t("interactions.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
        <select className="input" aria-label={t("interactions.state")} value={state} onChange={(event) => setState(event.target.value as State | "")}>
          <option value="">{t("interactions.state.any")}</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {valueTitle(one, language)}
            </option>
          ))}
        </select>
        <select className="input" aria-label={t("contact.touchpoint")} value={touchpoint} onChange={(event) => setTouchpoint(event.target.value)}>
          <option value="">{t("interactions.touchpoint.any")}</option>
          {touchpoints.map((one) => (
            <option key={one.id} value={one.id}>
              {say(one.settings.title as Words) || one.id}
            </option>
          ))}
        </select>
        <select className="input" aria-label={t("floor.agent")} value={agent} onChange={(event) => setAgent(event.target.value)}>
          <option value="">{t("interactions.agent.any")}</option>
          {agents.map((one) => (
            <option key={one.id} value={one.id}>
              {one.settings.name || one.id}
            </option>
          ))}
        </select>
      </div>
      {problem && <Notice tone="danger" problem={problem} />}
      <div className="card">
        {shown === undefined ? null : shown.length === 0 ? (
          <div className="empty">
            <MessagesSquare size={26} aria-hidden />
            <p>{t(more === null ? "interactions.none" : "interactions.none.yet")}</p>
          </div>
        ) : (
          <table className="table">
            <thead>
              <tr>
                <th>{t("interactions.contact")}</th>
                <th>{t("interactions.state")}</th>
                <th>{t("interactions.where")}</th>
                <th>{t("floor.agent")}</th>
                <th>{t("interactions.opened")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.id} onClick={() => navigate(`/interactions/${one.id}`)}>
                  <td>
                    <span className="row">
                      <ChannelIcon channel={one.channel} />
                      <Link className="main" to={`/interactions/${one.id}`}>
                        {nameOfContact(one.contact, t)}
                      </Link>
                      <code className="muted">{one.id}</code>
                    </span>
                  </td>
                  <td>
                    <StateTag state={one.state} />
                    {one.last_resort && <span className="tag warn">{t("interactions.lastresort")}</span>}
                  </td>
                  <td>
                    {one.at.length > 0 ? <code>{one.at.map((place) => `${place.flow} · ${place.node}`).at(-1)}</code> : title("disposition", one.disposition ?? "")}
                  </td>
                  <td>{agents.find((agent) => agent.id === one.agent)?.settings.name || one.agent}</td>
                  <td className="muted">
                    <Ago at={one.opened_at} />
                  </td>
                </tr>
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
          {text !== "" && <span className="muted">{t("interactions.more.help")}</span>}
        </p>
      )}
    </div>
  );
}

function StateTag({ state }: { state: State }) {
  const { language } = useWords();
  const tone = { in_flow: "", waiting: "warn", offered: "warn", active: "good", wrap_up: "accent", ended: "" }[state];
  return <span className={`tag ${tone}`}>{valueTitle(state, language)}</span>;
}

/** Whoever has the skill at all will do. */
const WORST_LEVEL = 20;

function One({ id }: { id: string }) {
  const { t, language } = useWords();
  const { title } = useReferences();
  const { version } = useFacts();
  const [view, setView] = useState<"timeline" | "replay">("timeline");
  const loaded = useLoad(() => api.get("/api/v1/interactions/{id}", { path: { id } }), `${id} ${version}`);
  const shown = useSteady(loaded.value);
  if (loaded.problem) {
    return (
      <div className="page">
        <Notice tone="danger" problem={loaded.problem} />
      </div>
    );
  }
  if (shown === undefined) return null;
  const answers = Object.entries(shown.answers).flatMap(([questionnaire, own]) => Object.entries(own).map(([question, value]) => [`${questionnaire} · ${question}`, JSON.stringify(value)] as const));
  const rows: readonly (readonly [string, string])[] = [
    [t("contact.address"), shown.contact.address],
    [t("contact.channel"), valueTitle(shown.channel, language)],
    [t("contact.touchpoint"), title("touchpoint", shown.touchpoint)],
    [t("contact.language"), languageTitle(shown.contact.locale, language)],
    [t("floor.agent"), title("agent", shown.agent ?? "")],
    [t("contact.skills"), Object.entries(shown.skills).map(([skill, level]) => (level === WORST_LEVEL ? title("skill", skill) : `${title("skill", skill)} ≤ ${level}`)).join(", ")],
    [t("interactions.priority"), String(shown.priority)],
    [t("desk.disposition"), title("disposition", shown.disposition ?? "")],
    ...shown.at.map((place) => [place.flow, place.node] as const),
    ...answers,
  ];
  return (
    <div className="page">
      <header className="page-head">
        <Link to="/interactions" className="button quiet small icon" aria-label={t("back")}>
          <ArrowLeft size={16} aria-hidden />
        </Link>
        <h1 className="grow">{nameOfContact(shown.contact, t)}</h1>
        <div className="tabs" role="tablist" aria-label={t("timeline.title")}>
          {(["timeline", "replay"] as const).map((one) => (
            <button key={one} role="tab" aria-selected={view === one} onClick={() => setView(one)}>
              {t(one === "timeline" ? "replay.timeline" : "replay.title")}
            </button>
          ))}
        </div>
        <StateTag state={shown.state} />
      </header>
      {view === "replay" && (
        <Suspense fallback={null}>
          <Replay id={id} version={version} />
        </Suspense>
      )}
      <div className="one" hidden={view === "replay"}>
        <Timeline id={id} version={version} />
        <aside className="stack">
          <dl className="card facts">
            {rows.filter(([, text]) => text !== "").map(([name, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          {shown.ended_at == null && <WhyNot interaction={id} version={version} isWaiting={shown.state === "waiting" || shown.state === "offered"} />}
        </aside>
      </div>
    </div>
  );
}
