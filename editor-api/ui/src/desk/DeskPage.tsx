// The agent's desk: presence, offers, conversations, records. An administrator may look over an agent's shoulder.
import { Headset, Pause, Plus, SquarePen } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "../api/client";
import { useLoad } from "../api/useLoad";
import { Link } from "../app/router";
import { useSession } from "../app/session";
import { useReferences } from "../forms/references";
import { valueTitle } from "../forms/titles";
import { useWords, type Words } from "../i18n";
import { nameOfContact } from "../ui/contact";
import { ChannelIcon } from "../ui/ChannelIcon";
import { Clock, Since, inMinutes, useNow } from "../ui/Time";
import { Begin, useBeginnings } from "./Begin";
import { Conversation } from "./Conversation";
import { keepShown, shownOf } from "./kept";
import { useDesk, type DeskState, type Slot } from "./useDesk";
import { useProfile, type Profile } from "./useProfile";
import "./desk.css";

export default function DeskPage({ agent }: { agent: string | undefined }) {
  const { session } = useSession();
  const own = session.role === "agent" ? session.agent : agent;
  return own === undefined ? <ChooseAgent /> : <DeskOf agent={own} key={own} />;
}

function ChooseAgent() {
  const { t, language } = useWords();
  const { title } = useReferences();
  const agents = useLoad(() => api.get("/api/v1/agents", { query: { limit: 500 } }), "agents");
  const desks = useLoad(() => api.get("/api/v1/desks"), "desks");
  const presence = new Map(desks.value?.items.map((desk) => [desk.agent, desk.presence]));
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>{t("desk.choose")}</h1>
          <p className="muted">{t("desk.choose.text")}</p>
        </div>
      </header>
      <ul className="agent-cards">
        {agents.value?.items.map((agent) => (
          <li key={agent.id}>
            <Link to={`/desk/${agent.id}`} className="card">
              <Avatar name={agent.settings.name || agent.id} />
              <span className="grow">
                <strong>{agent.settings.name || agent.id}</strong>
                <span className="muted">{Object.keys(agent.settings.skills ?? {}).map((skill) => title("skill", skill)).join(", ")}</span>
              </span>
              <span className={`presence ${presence.get(agent.id) ?? "offline"}`}>{valueTitle(presence.get(agent.id) ?? "offline", language)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Avatar({ name }: { name: string }) {
  const initials = name.split(/[\s-]+/).map((part) => part[0] ?? "").slice(0, 2).join("").toUpperCase();
  return (
    <span className="avatar" aria-hidden>
      {initials}
    </span>
  );
}

const STATUSES = ["available", "draining", "paused", "offline"] as const;

function DeskOf({ agent }: { agent: string }) {
  const { t, language } = useWords();
  const { title } = useReferences();
  const { session } = useSession();
  const state = useDesk(agent);
  const { desk, isConnected, act, refresh } = state;
  const [chosen, choose] = useState(() => shownOf(agent));
  const setChosen = (interaction: string) => {
    keepShown(agent, interaction);
    choose(interaction);
  };
  const profile = useProfile(agent);
  const beginnings = useBeginnings(agent);
  const [isBeginning, setBeginning] = useState(false);
  const [channel, setChannel] = useState<string | null>(null);
  const open = [...(desk?.conversations ?? []), ...(desk?.wrap_ups ?? [])];
  const glanced = (slots: readonly Slot[]) => slots.filter((slot) => channel === null || slot.channel === channel);
  const shown = open.some((slot) => slot.interaction === chosen) ? chosen : (open[0]?.interaction ?? null);
  const offers = desk?.offers.length ?? 0;
  useEffect(() => {
    document.title = offers > 0 ? `(${offers}) ${t("nav.desk")} — Routewright` : `${t("nav.desk")} — Routewright`;
    return () => {
      document.title = "Routewright";
    };
  }, [offers, t]);
  if (desk === null) return null;
  const accept = async (slot: Slot) => {
    if (slot.offer != null && (await act({ action: "accept", offer: slot.offer }))) setChosen(slot.interaction);
  };
  return (
    <div className="desk">
      <aside className="desk-side" aria-label={t("desk.work")}>
        <div className="desk-presence">
          {session.role !== "agent" && <h2 className="desk-whose">{title("agent", agent)}</h2>}
          <div className="segments" role="radiogroup" aria-label={t("desk.presence")}>
            {STATUSES.map((status) => (
              <button key={status} role="radio" aria-checked={desk.status == null && desk.presence === status} className={`presence ${status}`} onClick={() => void act({ action: "set_presence", status })}>
                {valueTitle(status, language)}
              </button>
            ))}
            <NamedStatuses profile={profile} chosen={desk.status ?? null} choose={(name) => void act({ action: "choose_status", name })} />
          </div>
          <div className="row">
            {profile?.pull === true && (
              <button className="button small grow" onClick={() => void act({ action: "pull" })} disabled={desk.presence === "offline"}>
                <Plus size={13} aria-hidden />
                {t("desk.pull")}
              </button>
            )}
            {(beginnings ?? []).length > 0 && (
              <button className="button small grow" onClick={() => setBeginning(true)} disabled={desk.presence === "offline"}>
                <SquarePen size={13} aria-hidden />
                {t("begin.open")}
              </button>
            )}
          </div>
          {!isConnected && (
            <p className="tag warn" role="status">
              {t("desk.reconnecting")}
            </p>
          )}
        </div>
        <section aria-live="assertive">
          {desk.offers.map((slot) => (
            <Offer key={slot.offer} slot={slot} accept={() => void accept(slot)} decline={() => slot.offer != null && void act({ action: "decline", offer: slot.offer })} />
          ))}
        </section>
        <Glance slots={open} channel={channel} look={setChannel} />
        <SlotList title={t("desk.conversations")} slots={glanced(desk.conversations)} shown={shown} choose={setChosen} state={state} />
        <SlotList title={t("desk.wrapups")} slots={glanced(desk.wrap_ups)} shown={shown} choose={setChosen} state={state} />
        {offers + open.length === 0 && (
          <div className="empty">
            <Headset size={26} aria-hidden />
            <p>{t(desk.presence === "available" ? "desk.idle" : "desk.away")}</p>
          </div>
        )}
      </aside>
      {isBeginning && (
        <Begin
          agent={agent}
          holdable={(profile?.parked_max ?? 0) > 0 ? desk.conversations.filter((slot) => slot.parked !== true) : []}
          shown={shown}
          close={() => setBeginning(false)}
          begun={(interaction) => {
            setBeginning(false);
            setChosen(interaction);
            void refresh();
          }}
        />
      )}
      {shown === null ? (
        <div className="empty desk-none">
          <h2>{t("desk.none")}</h2>
          <p>{t("desk.none.text")}</p>
        </div>
      ) : (
        <Conversation key={shown} id={shown} state={state} slot={open.find((slot) => slot.interaction === shown)} isWrapUp={desk.wrap_ups.some((slot) => slot.interaction === shown)} profile={profile} />
      )}
    </div>
  );
}

type NamedStatusesProps = { readonly profile: Profile | undefined; readonly chosen: string | null; readonly choose: (name: string) => void };

/** The statuses that his profile names, beside the plain ones (DYD-22); each says which channels still come. */
function NamedStatuses({ profile, chosen, choose }: NamedStatusesProps) {
  const { t, say, language } = useWords();
  return Object.entries(profile?.statuses ?? {}).map(([name, { title, channels = [] }]) => (
    <button
      key={name}
      role="radio"
      aria-checked={chosen === name}
      className={`presence named ${channels.length > 0 ? "available" : "draining"}`}
      title={channels.length > 0 ? t("desk.status.some", { channels: channels.map((one) => valueTitle(one, language)).join(", ") }) : t("desk.status.none")}
      onClick={() => choose(name)}
    >
      <span className="truncate">{say(title as Words) || name}</span>
    </button>
  ));
}

/** What he has in hand on each channel, and the way to see one channel alone (MAX-03, MAX-04). */
function Glance({ slots, channel, look }: { slots: readonly Slot[]; channel: string | null; look: (channel: string | null) => void }) {
  const { t, language } = useWords();
  const channels = [...new Set(slots.map((slot) => slot.channel))];
  if (channels.length < 2 && channel === null) return null;
  return (
    <div className="glance" role="group" aria-label={t("desk.glance")}>
      {channels.map((one) => (
        <button key={one} className="button small" aria-pressed={channel === one} title={valueTitle(one, language)} onClick={() => look(channel === one ? null : one)}>
          <ChannelIcon channel={one} />
          {slots.filter((slot) => slot.channel === one).length}
        </button>
      ))}
      {channel !== null && (
        <button className="button quiet small" onClick={() => look(null)}>
          {t("desk.glance.all")}
        </button>
      )}
    </div>
  );
}

function Offer({ slot, accept, decline }: { slot: Slot; accept: () => void; decline: () => void }) {
  const { t } = useWords();
  return (
    <div className="offer card">
      <div className="row">
        <ChannelIcon channel={slot.channel} />
        <strong className="grow">{t("desk.offer")}</strong>
        {slot.until != null && <Countdown until={slot.until} />}
      </div>
      <p className="muted">
        {t("desk.waits")} <Since at={slot.waiting_since} />
      </p>
      <div className="row">
        <button className="button primary grow" onClick={accept}>
          {t("desk.accept")}
        </button>
        <button className="button" onClick={decline}>
          {t("desk.decline")}
        </button>
      </div>
    </div>
  );
}

/** What is left of an offer or a wrap-up. */
export function Countdown({ until }: { until: string }) {
  const left = Date.parse(until) - useNow();
  return (
    <span className={left < 10_000 ? "countdown soon" : "countdown"} role="timer">
      {inMinutes(left)}
    </span>
  );
}

type SlotListProps = { readonly title: string; readonly slots: readonly Slot[]; readonly shown: string | null; readonly choose: (id: string) => void; readonly state: DeskState };

function SlotList({ title, slots, shown, choose, state }: SlotListProps) {
  const { t } = useWords();
  if (slots.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {slots.map((slot) => (
          <li key={slot.interaction}>
            <button className="slot" aria-current={slot.interaction === shown} onClick={() => choose(slot.interaction)}>
              <ChannelIcon channel={slot.channel} />
              <SlotName id={slot.interaction} version={state.versions.get(slot.interaction) ?? 0} />
              {(slot.legs ?? []).map((leg) => (
                <ChannelIcon key={leg.channel} channel={leg.channel} />
              ))}
              {slot.parked === true && <Pause size={13} aria-label={t("desk.parked")} />}
              {slot.until != null ? <Countdown until={slot.until} /> : <Clock at={slot.since ?? slot.waiting_since} />}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SlotName({ id, version }: { id: string; version: number }) {
  const { value } = useLoad(() => api.get("/api/v1/interactions/{id}", { path: { id } }), `${id} ${Math.min(version, 1)}`);
  const { t } = useWords();
  return <span className="grow truncate">{value === undefined ? id : nameOfContact(value.contact, t)}</span>;
}
