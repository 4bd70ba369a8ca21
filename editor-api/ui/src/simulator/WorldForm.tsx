// The world of a rehearsal: channel, language, opening hours, who stands in line already, and the agents who are there.
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { valueTitle } from "../forms/titles";
import type { References } from "../forms/references";
import type { Schemas } from "../api/client";
import { CHANNELS, type Channel, type FlowDocument } from "../flows/model/types";
import { useWords, type Language } from "../i18n";
import { Field } from "../ui/Field";
import type { World } from "./useRehearsal";

type GivenAgent = Schemas["GivenAgent"];

/** A world in which every skill of the flow has an agent, so that a first conversation can go all the way. */
export function firstWorld(document: FlowDocument, locale: Language): World {
  const wanted = Object.values(document.nodes).flatMap((node) => {
    const skills = node.config?.["skills"];
    return typeof skills === "object" && skills !== null ? Object.keys(skills) : [];
  });
  const skills = Object.fromEntries([...new Set([...wanted, "default"])].map((skill) => [skill, 1]));
  const channel = document.channels?.[0];
  return { locale, ...(channel === undefined ? {} : { channel }), given: { calendars: {}, agents: { lea: { skills, available: true, supervisor: false } } } };
}

type WorldFormProps = { readonly world: World; readonly change: (world: World) => void; readonly document: FlowDocument; readonly references: References };

export function WorldForm({ world, change, document, references }: WorldFormProps) {
  const { t, language } = useWords();
  const [name, setName] = useState("");
  const { given } = world;
  const agents = given.agents ?? {};
  const own = document.channels ?? [];
  const channels = own.length === 0 ? CHANNELS : own;
  const skills = references.names("skill");
  const setAgent = (id: string, next: Partial<GivenAgent>) => change({ ...world, given: { ...given, agents: { ...agents, [id]: { available: true, supervisor: false, skills: {}, ...agents[id], ...next } } } });
  const calendars = ["@touchpoint", ...references.names("calendar").map((one) => one.id)];
  return (
    <div className="world">
      <p className="muted">{t("world.lead")}</p>
      <Field label={t("world.channel")}>
        {(ids) => (
          <select id={ids.control} className="input" value={world.channel ?? ""} onChange={(event) => change({ ...world, channel: event.target.value as Channel })}>
            {channels.map((channel) => (
              <option key={channel} value={channel}>
                {valueTitle(channel, language)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t("world.language")}>
        {(ids) => (
          <select id={ids.control} className="input" value={world.locale ?? "fr"} onChange={(event) => change({ ...world, locale: event.target.value })}>
            <option value="fr">Français</option>
            <option value="en">English</option>
          </select>
        )}
      </Field>
      <h3>{t("world.hours")}</h3>
      {calendars.map((calendar) => (
        <Field key={calendar} label={calendar === "@touchpoint" ? t("form.touchpoint") : references.title("calendar", calendar)}>
          {(ids) => (
            <select
              id={ids.control}
              className="input"
              value={given.calendars?.[calendar] ?? "open"}
              onChange={(event) => change({ ...world, given: { ...given, calendars: { ...given.calendars, [calendar]: event.target.value as "open" | "closed" | "holiday" } } })}
            >
              {(["open", "closed", "holiday"] as const).map((state) => (
                <option key={state} value={state}>
                  {t(`world.${state}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
      ))}
      <h3>{t("world.queue")}</h3>
      <Waiting waiting={given.waiting ?? []} skills={references.names("skill")} change={(waiting) => change({ ...world, given: { ...given, waiting: [...waiting] } })} />
      <h3>{t("world.agents")}</h3>
      <ul className="items">
        {Object.entries(agents).map(([id, agent]) => (
          <li key={id} className="item">
            <div className="grow">
              <strong>{id}</strong>
              <div className="row wrap">
                {Object.entries(agent.skills ?? {}).map(([skill, level]) => (
                  <span key={skill} className="tag skill">
                    {references.title("skill", skill)}
                    <input className="input small-number" type="number" min={1} max={20} aria-label={t("world.level", { skill: references.title("skill", skill), name: id })} value={level} onChange={(event) => setAgent(id, { skills: { ...agent.skills, [skill]: Number(event.target.value) } })} />
                    <button className="button quiet small icon" aria-label={t("form.remove.named", { name: references.title("skill", skill) })} onClick={() => setAgent(id, { skills: Object.fromEntries(Object.entries(agent.skills ?? {}).filter(([other]) => other !== skill)) })}>
                      <Trash2 size={12} aria-hidden />
                    </button>
                  </span>
                ))}
                <select className="input small" aria-label={t("world.skill.add", { name: id })} value="" onChange={(event) => setAgent(id, { skills: { ...agent.skills, [event.target.value]: 1 } })}>
                  <option value="">{t("world.skill.new")}</option>
                  {skills.filter((skill) => agent.skills?.[skill.id] === undefined).map((skill) => (
                    <option key={skill.id} value={skill.id}>
                      {skill.title}
                    </option>
                  ))}
                </select>
              </div>
              <label className="check">
                <input type="checkbox" checked={agent.available !== false} onChange={(event) => setAgent(id, { available: event.target.checked })} />
                <span>{t("world.available")}</span>
              </label>
              <label className="check">
                <input type="checkbox" checked={agent.supervisor === true} onChange={(event) => setAgent(id, { supervisor: event.target.checked })} />
                <span>{t("role.supervisor")}</span>
              </label>
            </div>
            <button
              className="button quiet small icon"
              aria-label={t("form.remove.named", { name: id })}
              onClick={() => change({ ...world, given: { ...given, agents: Object.fromEntries(Object.entries(agents).filter(([other]) => other !== id)) } })}
            >
              <Trash2 size={13} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      <div className="row">
        <input className="input" aria-label={t("world.agent.new")} placeholder={t("world.agent.new")} value={name} onChange={(event) => setName(event.target.value)} />
        <button
          className="button small"
          disabled={!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)}
          onClick={() => {
            const skills = firstWorld(document, language).given.agents?.["lea"]?.skills ?? {};
            change({ ...world, given: { ...given, agents: { ...agents, [name]: { skills, available: true, supervisor: false } } } });
            setName("");
          }}
        >
          <Plus size={13} aria-hidden />
          {t("form.add")}
        </button>
      </div>
    </div>
  );
}

type WaitingProps = { readonly waiting: readonly Schemas["GivenWaiting"][]; readonly skills: readonly { readonly id: string; readonly title: string }[]; readonly change: (waiting: readonly Schemas["GivenWaiting"][]) => void };

/** Other contacts who stand in line before the contact comes. */
function Waiting({ waiting, skills, change }: WaitingProps) {
  const { t } = useWords();
  const set = (at: number, part: Partial<Schemas["GivenWaiting"]>) => change(waiting.map((one, other) => (other === at ? { ...one, ...part } : one)));
  return (
    <>
      <ul className="items">
        {waiting.map((one, at) => (
          <li key={at} className="item">
            <div className="row wrap grow">
              <input className="input small-number" type="number" min={1} max={100} aria-label={t("world.waiting.count", { n: at + 1 })} value={one.count ?? 1} onChange={(event) => set(at, { count: Math.min(100, Math.max(1, Number(event.target.value))) })} />
              <select className="input small" aria-label={t("world.waiting.skill", { n: at + 1 })} value={one.skill} onChange={(event) => set(at, { skill: event.target.value })}>
                {[...new Set([one.skill, ...skills.map((skill) => skill.id)])].map((id) => (
                  <option key={id} value={id}>
                    {skills.find((skill) => skill.id === id)?.title ?? id}
                  </option>
                ))}
              </select>
              <select className="input small" aria-label={t("world.waiting.waited", { n: at + 1 })} value={one.waited ?? "0s"} onChange={(event) => set(at, { waited: event.target.value })}>
                {[...new Set([one.waited ?? "0s", ...LENGTHS])].map((length) => (
                  <option key={length} value={length}>
                    {length === "0s" ? t("world.waiting.now") : t("world.waiting.since", { length })}
                  </option>
                ))}
              </select>
            </div>
            <button type="button" className="button quiet small icon" aria-label={t("form.remove", { n: at + 1 })} onClick={() => change(waiting.filter((_, other) => other !== at))}>
              <Trash2 size={13} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      <button type="button" className="button small" disabled={skills.length === 0} onClick={() => change([...waiting, { skill: skills[0]?.id ?? "", count: 1, waited: "2m" }])}>
        <Plus size={13} aria-hidden />
        {t("world.waiting.add")}
      </button>
    </>
  );
}

/** How long others may have waited, to choose from. */
const LENGTHS = ["0s", "30s", "2m", "5m", "15m", "1h"] as const;
