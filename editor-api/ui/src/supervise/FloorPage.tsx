// The floor, live: who waits for what and how long, and what each agent has in hand.
import { Activity } from "lucide-react";
import type { ReactNode } from "react";
import { api } from "../api/client";
import { useLoad, useSteady } from "../api/useLoad";
import { Link } from "../app/router";
import { Avatar } from "../desk/DeskPage";
import { useReferences } from "../forms/references";
import { valueTitle } from "../forms/titles";
import { useWords, type Words } from "../i18n";
import { ChannelIcon } from "../ui/ChannelIcon";
import { Notice } from "../ui/Notice";
import { Since } from "../ui/Time";
import { Charts } from "./Charts";
import { ServiceLevels } from "./ServiceLevels";
import { queuesOf } from "./queues";
import { useFacts } from "./useFacts";
import { WhyIdle } from "./Why";
import "./supervise.css";

export default function FloorPage() {
  const { t, say, language } = useWords();
  const { version, isLive } = useFacts();
  const live = useSteady(useLoad(() => api.get("/api/v1/desks"), `desks ${version}`).value);
  const states = ["in_flow", "waiting", "offered", "active", "wrap_up"] as const;
  const loaded = useLoad(() => loadStates(states), `interactions ${version}`);
  const interactions = useSteady(loaded.value) ?? [];
  const agents = useLoad(() => api.get("/api/v1/agents", { query: { limit: 500 } }), "agents").value?.items ?? [];
  const profiles = useLoad(() => api.get("/api/v1/profiles", { query: { limit: 500 } }), "profiles").value?.items ?? [];
  const statuses = new Map(profiles.flatMap((profile) => Object.entries(profile.settings.statuses ?? {}).map(([name, status]) => [name, status.title as Words | undefined] as const)));
  const skills = useReferences().names("skill");
  const desks = live?.items ?? [];
  const names = new Map(agents.map((agent) => [agent.id, agent.settings.name || agent.id]));
  const queues = queuesOf(interactions, desks, agents.map((agent) => ({ id: agent.id, skills: agent.settings.skills ?? {} })), (id) => skills.find((skill) => skill.id === id)?.title ?? id);
  const count = (state: string) => interactions.filter((one) => one.state === state).length;
  const longest = queues.map((queue) => queue.since).filter((at) => at !== null).sort()[0];
  const present = desks.filter((desk) => desk.presence !== "offline");
  return (
    <div className="page">
      <header className="page-head">
        <div className="grow">
          <h1>{t("floor.title")}</h1>
          <p className="muted">{t("floor.lead")}</p>
        </div>
        <span className={isLive ? "tag good" : "tag warn"} role="status">
          <Activity size={12} aria-hidden />
          {t(isLive ? "floor.live" : "floor.paused")}
        </span>
      </header>
      {loaded.problem && <Notice tone="danger" problem={loaded.problem} />}
      <dl className="figures">
        <Figure name={t("floor.waiting")} value={count("waiting") + count("offered")} />
        <Figure name={t("floor.longest")} value={longest === undefined ? "–" : <Since at={longest} />} />
        <Figure name={t("floor.active")} value={count("active")} />
        <Figure name={t("floor.wrapup")} value={count("wrap_up")} />
        <Figure name={t("floor.inflow")} value={count("in_flow")} />
        <Figure name={t("floor.present")} value={`${desks.filter((desk) => desk.presence === "available").length} / ${present.length}`} />
      </dl>
      {live !== undefined && loaded.value !== undefined && <Charts now={{ waiting: count("waiting") + count("offered"), active: count("active"), available: desks.filter((desk) => desk.presence === "available").length }} />}
      <section className="stack">
        <h2>{t("floor.queues")}</h2>
        <div className="card" role="region" aria-label={t("floor.queues")} tabIndex={0}>
          {queues.length === 0 ? (
            <p className="empty">{t("floor.queues.none")}</p>
          ) : (
            <table className="table">
              <thead>
                <tr>
                  <th>{t("floor.need")}</th>
                  <th className="number">{t("floor.waiting")}</th>
                  <th className="number">{t("floor.offered")}</th>
                  <th className="number">{t("floor.longest")}</th>
                  <th className="number">{t("floor.available")}</th>
                </tr>
              </thead>
              <tbody>
                {queues.map((queue) => (
                  <tr key={queue.name}>
                    <td>
                      <strong>{queue.name}</strong>
                    </td>
                    <td className="number">{queue.waiting}</td>
                    <td className="number">{queue.offered}</td>
                    <td className="number">{queue.since === null ? "–" : <Since at={queue.since} />}</td>
                    <td className="number">{queue.agents === 0 ? <span className="tag danger">0</span> : queue.agents}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      </section>
      <ServiceLevels version={version} />
      <section className="stack">
        <h2>{t("floor.agents")}</h2>
        <div className="card">
          <table className="table">
            <thead>
              <tr>
                <th>{t("floor.agent")}</th>
                <th>{t("desk.presence")}</th>
                <th className="number">{t("floor.load")}</th>
                <th>{t("floor.hands")}</th>
              </tr>
            </thead>
            <tbody>
              {desks.map((desk) => (
                <tr key={desk.agent}>
                  <td>
                    <span className="row">
                      <Avatar name={names.get(desk.agent) ?? desk.agent} />
                      <strong>{names.get(desk.agent) ?? desk.agent}</strong>
                    </span>
                  </td>
                  <td>
                    <span className={`presence ${desk.presence}`}>{desk.status == null ? valueTitle(desk.presence, language) : say(statuses.get(desk.status)) || desk.status}</span>
                  </td>
                  <td className="number">{desk.load}</td>
                  <td>
                    <span className="row wrap">
                      {[...desk.offers, ...desk.conversations, ...desk.wrap_ups].map((slot) => (
                        <Link key={slot.interaction} to={`/interactions/${slot.interaction}`} className="tag accent">
                          <ChannelIcon channel={slot.channel} />
                          {slot.interaction}
                        </Link>
                      ))}
                      <WhyIdle agent={desk.agent} />
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div className="card figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

async function loadStates(states: readonly ("in_flow" | "waiting" | "offered" | "active" | "wrap_up")[]) {
  const pages = await Promise.all(states.map((state) => api.get("/api/v1/interactions", { query: { state, limit: 500 } })));
  const refused = pages.find((page) => !page.ok);
  if (refused !== undefined && !refused.ok) return refused;
  return { ok: true as const, etag: null, value: pages.flatMap((page) => (page.ok ? page.value.items : [])) };
}
