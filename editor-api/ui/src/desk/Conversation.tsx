// One conversation: what was said, what is written, and the record at its end, beside what is known of the contact.
import { MessageSquareQuote, Pause, Play, Plus, Printer, Send, Timer } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { api, type Schemas } from "../api/client";
import { freshId } from "../api/fresh";
import { useLoad, useSteady } from "../api/useLoad";
import { valueTitle } from "../forms/titles";
import { useReferences } from "../forms/references";
import { localeOf, useWords, type MessageKey } from "../i18n";
import { nameOfContact } from "../ui/contact";
import { ChannelIcon } from "../ui/ChannelIcon";
import { Clock, inMinutes, useNow } from "../ui/Time";
import type { Channel } from "../flows/model/types";
import { CannedAnswers } from "./CannedAnswers";
import { Elevate, Legs } from "./Channels";
import { Countdown } from "./DeskPage";
import { keepText, textOf } from "./kept";
import "../styles/conversation.css";
import { onTheirWay, saidSoFar, threadOf, type Outgoing, type ThreadLine } from "./thread";
import type { DeskState, Fact, Slot } from "./useDesk";
import type { Profile } from "./useProfile";

type ConversationProps = { readonly id: string; readonly state: DeskState; readonly slot: Slot | undefined; readonly isWrapUp: boolean; readonly profile: Profile | undefined };

/** A hint that one writes is told again after so long, and forgotten by the other side a little later. */
const HINT_EVERY_MS = 3000;
const HINT_LASTS_MS = 5000;

export function Conversation({ id, state, slot, isWrapUp, profile }: ConversationProps) {
  const { t, language } = useWords();
  const version = state.versions.get(id) ?? 0;
  const [facts, setFacts] = useState<readonly Fact[]>([]);
  const [sent, setSent] = useState<readonly Outgoing[]>([]);
  const [text, setText] = useState(() => textOf(id));
  useEffect(() => keepText(id, text), [id, text]);
  const [hasCanned, setCanned] = useState(false);
  const [channel, setChannel] = useState<Channel | null>(null);
  const written = (slot?.legs ?? []).filter((leg) => leg.until == null && leg.channel !== "voice").map((leg) => leg.channel);
  const on = channel !== null && written.includes(channel) ? channel : null;
  const end = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const hinted = useRef(0);
  const shown = useLoad(() => api.get("/api/v1/interactions/{id}", { path: { id } }), `${id} ${version}`);
  const interaction = useSteady(shown.value);
  useEffect(() => {
    let isShown = true;
    void api.get("/api/v1/interactions/{id}/timeline", { path: { id } }).then((result) => {
      if (isShown && result.ok) setFacts(result.value.items as readonly Fact[]);
    });
    return () => {
      isShown = false;
    };
  }, [id, version]);
  const lines = useMemo(() => threadOf(facts), [facts]);
  const pending = onTheirWay(sent, lines);
  useEffect(() => {
    // In braces: newer browsers answer scrolling with a promise, which React would take for a way to undo it.
    end.current?.scrollIntoView({ block: "end" });
  }, [lines.length, pending.length]);
  const send = async () => {
    const words = text.trim();
    if (words === "") return;
    const message = { event_id: freshId(), text: words, earlier: saidSoFar(words, lines, pending) };
    setSent((before) => [...before, message]);
    setText("");
    hinted.current = 0;
    const { event_id } = message;
    const isSent = await state.act(on === null ? { action: "write", interaction: id, text: words, event_id } : { action: "write_on", interaction: id, channel: on, text: words, event_id });
    const fresh = await api.get("/api/v1/interactions/{id}/timeline", { path: { id } });
    if (fresh.ok) setFacts(fresh.value.items as readonly Fact[]);
    setSent((before) => before.filter((one) => one.event_id !== event_id));
    if (!isSent) setText((now) => (now === "" ? words : now));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const write = (words: string) => {
    setText(words);
    const now = Date.now();
    if (words === "" || now - hinted.current < HINT_EVERY_MS) return;
    hinted.current = now;
    state.hint(id);
  };
  const closeCanned = useCallback(() => setCanned(false), []);
  const insert = (words: string) => {
    const { selectionStart = text.length, selectionEnd = text.length } = field.current ?? {};
    write(text.slice(0, selectionStart) + words + text.slice(selectionEnd));
    closeCanned();
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "/" && text === "") {
      event.preventDefault();
      return setCanned(true);
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <>
      <section className="conversation" aria-label={t("desk.conversation")}>
        <header>
          {slot && <ChannelIcon channel={slot.channel} />}
          <h2 className="grow">{t(isWrapUp ? "desk.record" : "desk.conversation")}</h2>
          {!isWrapUp && <Promises service={interaction?.service} />}
          {!isWrapUp && slot && interaction && !slot.parked && <Elevate slot={slot} state={state} address={interaction.contact.address} />}
          {!isWrapUp && slot && <Aside slot={slot} state={state} profile={profile} />}
          {profile?.desk?.print === true && (
            <button className="button quiet small icon" aria-label={t("desk.print")} title={t("desk.print")} onClick={() => print()}>
              <Printer size={15} aria-hidden />
            </button>
          )}
          {!isWrapUp && <Transfer id={id} state={state} />}
          {!isWrapUp && (
            <button className="button small" onClick={() => void state.act({ action: "close", interaction: id })}>
              {t("desk.close")}
            </button>
          )}
        </header>
        <div className="thread" role="log" aria-live="polite">
          {lines.map((line) => (
            <Line key={line.key} line={line} />
          ))}
          {pending.map((message) => (
            <div key={message.event_id} className="said own pending">
              <p>{message.text}</p>
              <small>{t("desk.sending")}</small>
            </div>
          ))}
          <Writing at={state.writing.get(id)} />
          <div ref={end} />
        </div>
        {slot && <Legs slot={slot} state={state} />}
        {isWrapUp ? (
          <Record id={id} slot={slot} state={state} isRequired={profile?.disposition_required === true} />
        ) : (
          <form className="composer" onSubmit={submit}>
            {hasCanned && interaction !== undefined && (
              <CannedAnswers asked={{ channel: interaction.channel, skills: Object.keys(interaction.skills), locale: interaction.contact.locale }} pick={insert} close={closeCanned} />
            )}
            <button type="button" className="button quiet icon" aria-label={t("canned.title")} title={t("canned.hint")} aria-expanded={hasCanned} onClick={() => setCanned(true)}>
              <MessageSquareQuote size={17} aria-hidden />
            </button>
            {written.length > 0 && (
              <select className="input transfer" aria-label={t("desk.on")} value={on ?? ""} onChange={(event) => setChannel(event.target.value === "" ? null : (event.target.value as Channel))}>
                <option value="">{valueTitle(slot?.channel ?? "", language)}</option>
                {written.map((one) => (
                  <option key={one} value={one}>
                    {valueTitle(one, language)}
                  </option>
                ))}
              </select>
            )}
            <textarea ref={field} className="input" rows={2} value={text} placeholder={t("desk.write")} aria-label={t("desk.write")} onChange={(event) => write(event.target.value)} onKeyDown={onKey} autoFocus />
            <button className="button primary icon" aria-label={t("desk.send")} disabled={text.trim() === ""}>
              <Send size={16} aria-hidden />
            </button>
          </form>
        )}
      </section>
      <ContactCard interaction={interaction} order={profile?.desk?.contact_card ?? []} />
    </>
  );
}

/** Sets the conversation aside and takes it up again; "New" sets it aside for another contact, unrelated to it (MAX-10). */
function Aside({ slot, state, profile }: { slot: Slot; state: DeskState; profile: Profile | undefined }) {
  const { t } = useWords();
  const { interaction } = slot;
  const isParked = slot.parked === true;
  if (!isParked && (profile?.parked_max ?? 0) === 0) return null;
  if (isParked) {
    return (
      <button className="button small" onClick={() => void state.act({ action: "resume", interaction })}>
        <Play size={13} aria-hidden />
        {t("desk.resume")}
      </button>
    );
  }
  const another = async () => {
    if (await state.act({ action: "park", interaction })) await state.act({ action: "pull" });
  };
  return (
    <>
      <button className="button small" onClick={() => void state.act({ action: "park", interaction })}>
        <Pause size={13} aria-hidden />
        {t("desk.park")}
      </button>
      {profile?.pull === true && (
        <button className="button small" title={t("desk.new.help")} onClick={() => void another()}>
          <Plus size={13} aria-hidden />
          {t("desk.new")}
        </button>
      )}
    </>
  );
}

/** That the contact writes, for as long as that means something. */
function Writing({ at }: { at: number | undefined }) {
  const { t } = useWords();
  const now = useNow();
  if (at === undefined || now - at > HINT_LASTS_MS) return null;
  return (
    <p className="event" role="status">
      {t("desk.writing")}
    </p>
  );
}

/** What is left of what was promised to the contact (WAP-41). Closed hours do not count: then the clock stands still. */
function Promises({ service }: { service: Schemas["ServiceShown"] | undefined }) {
  return (["first_response", "resolution"] as const).map((what) => {
    const promise = service?.[what];
    return promise == null ? null : <Promised key={what} what={what} promise={promise} />;
  });
}

function Promised({ what, promise }: { what: "first_response" | "resolution"; promise: Schemas["PromiseShown"] }) {
  const { t } = useWords();
  const now = useNow();
  // What is left was counted by the server when the promise was read; from then on it runs here.
  const read = useMemo(() => Date.now(), [promise]);
  if (promise.state === "broken") return <span className="tag danger">{t(`promise.${what}.broken`)}</span>;
  if (promise.remaining_s == null) return null;
  const left = promise.remaining_s * 1000 - (promise.counting === false ? 0 : now - read);
  return (
    <span className={left <= 0 ? "tag danger" : left < 60_000 ? "tag warn" : "tag"} role="timer" title={promise.counting === false ? t("promise.paused") : undefined}>
      <Timer size={12} aria-hidden />
      {t(`promise.${what}`)} {inMinutes(left)}
    </span>
  );
}

function Line({ line }: { line: ThreadLine }) {
  const { t } = useWords();
  if (line.by === "event") {
    return (
      <p className="event">
        {t(`fact.${line.text}` as MessageKey)} · <Clock at={line.at} />
      </p>
    );
  }
  const side = line.by === "contact" ? "theirs" : line.by === "flow" ? "flow" : "own";
  return (
    <div className={`said ${side}`}>
      <p>{line.text}</p>
      <small>
        {line.by === "agent" ? line.agent : t(`by.${line.by}`)} · <Clock at={line.at} />
      </small>
    </div>
  );
}

/** Whoever has the skill at all. */
const WORST_LEVEL = 20;

/** Hands the conversation on: to one agent, to those who have a skill, or to whoever can. */
function Transfer({ id, state }: { id: string; state: DeskState }) {
  const { t } = useWords();
  const agents = useReferences().names("agent").filter((one) => one.id !== state.desk?.agent);
  const skills = useReferences().names("skill");
  const hand = (to: string) => {
    const [kind, name = ""] = to.split(":");
    if (kind === undefined || kind === "") return;
    void state.act({ action: "transfer", interaction: id, to: kind === "anyone" ? "anyone" : kind === "agent" ? { agent: name } : { skill: [name, WORST_LEVEL] } });
  };
  return (
    <select className="input transfer" aria-label={t("desk.transfer")} value="" onChange={(event) => hand(event.target.value)}>
      <option value="">{t("desk.transfer")}</option>
      <option value="anyone">{t("desk.transfer.anyone")}</option>
      <optgroup label={t("settings.skills")}>
        {skills.map((one) => (
          <option key={one.id} value={`skill:${one.id}`}>
            {one.title}
          </option>
        ))}
      </optgroup>
      <optgroup label={t("settings.agents")}>
        {agents.map((one) => (
          <option key={one.id} value={`agent:${one.id}`}>
            {one.title}
          </option>
        ))}
      </optgroup>
    </select>
  );
}

/** The record of a conversation that is over: how it is qualified, and the slot is free again. */
function Record({ id, slot, state, isRequired }: { id: string; slot: Slot | undefined; state: DeskState; isRequired: boolean }) {
  const { t } = useWords();
  const dispositions = useReferences().names("disposition");
  const [chosen, setChosen] = useState("");
  const finish = () => void state.act(chosen === "" ? { action: "finish", interaction: id } : { action: "finish", interaction: id, disposition: chosen });
  return (
    <div className="record">
      <div className="row">
        <strong className="grow">{t("desk.disposition")}</strong>
        {slot?.until != null && (
          <span className="muted">
            {t("desk.closes")} <Countdown until={slot.until} />
          </span>
        )}
      </div>
      <div className="choices" role="radiogroup" aria-label={t("desk.disposition")}>
        {dispositions.map((one) => (
          <button key={one.id} role="radio" aria-checked={chosen === one.id} className="button small" onClick={() => setChosen(one.id)}>
            {one.title}
          </button>
        ))}
      </div>
      <button className="button primary" disabled={isRequired && chosen === ""} title={isRequired && chosen === "" ? t("desk.disposition.required") : undefined} onClick={finish}>
        {t("desk.finish")}
      </button>
    </div>
  );
}

type ContactCardProps = { readonly interaction: Schemas["InteractionShown"] | undefined; readonly order: readonly string[] };

/** What is known of the contact; of what the touchpoint told, what the profile names, or all when it names nothing (DYD-36). */
function ContactCard({ interaction: value, order }: ContactCardProps) {
  const { t, language } = useWords();
  if (value === undefined) return <aside className="contact-card" />;
  const rows: readonly (readonly [string, string])[] = [
    [t("contact.address"), value.contact.address],
    [t("contact.channel"), valueTitle(value.channel, language)],
    [t("contact.language"), value.contact.locale],
    [t("contact.touchpoint"), value.touchpoint],
    [t("contact.skills"), Object.keys(value.skills).join(", ")],
    [t("contact.opened"), new Date(value.opened_at).toLocaleString(localeOf(language))],
  ];
  const told = value.contact.fields ?? {};
  const fields = (order.length === 0 ? Object.keys(told) : order).flatMap((name) => (told[name] == null ? [] : [[name, told[name]] as const]));
  const attributes = Object.entries(value.at[0]?.attributes ?? {}).filter(([, one]) => one !== null);
  return (
    <aside className="contact-card" aria-label={t("contact.title")}>
      <h2>{nameOfContact(value.contact, t)}</h2>
      <dl className="facts">
        {rows.filter(([, text]) => text !== "").map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <Known title={t("contact.fields")} facts={fields} />
      <Known title={t("contact.attributes")} facts={attributes} />
    </aside>
  );
}

function Known({ title, facts }: { title: string; facts: readonly (readonly [string, unknown])[] }) {
  if (facts.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <dl className="facts">
        {facts.map(([name, one]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof one === "string" ? one : JSON.stringify(one)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
