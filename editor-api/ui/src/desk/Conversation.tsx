// One conversation: what was said, what is written, and the record at its end, beside what is known of the contact.
import { ClipboardList, LayoutTemplate, MessageSquareQuote, Pause, Play, Plus, Printer, Send, Timer, UserRound } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { api, type Schemas } from "../api/client";
import { freshId } from "../api/fresh";
import { useLoad, useSteady } from "../api/useLoad";
import { valueTitle } from "../forms/titles";
import { useReferences } from "../forms/references";
import { useWords, type MessageKey } from "../i18n";
import { ChannelIcon } from "../ui/ChannelIcon";
import { Dialog } from "../ui/Dialog";
import { Clock, inMinutes, useNow } from "../ui/Time";
import type { Channel } from "../flows/model/types";
import { answersOf, unanswered, type Typed } from "./answers";
import { Beside } from "./Beside";
import { CannedAnswers } from "./CannedAnswers";
import { Elevate, Legs } from "./Channels";
import { Countdown } from "./DeskPage";
import { keepText, keepTyped, textOf, typedOf } from "./kept";
import { Questions, useQuestionnaire } from "./Questionnaire";
import "../styles/conversation.css";
import { WriteTemplate, useTemplates } from "./Template";
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
  const [typed, setTyped] = useState<Typed>(() => typedOf(id));
  useEffect(() => keepTyped(id, typed), [id, typed]);
  const questions = useQuestionnaire(profile?.desk?.questionnaire_button === true ? (profile.desk.questionnaire ?? undefined) : undefined);
  const [isAsking, setAsking] = useState(false);
  const [isBesideOpen, setBesideOpen] = useState(false);
  const [hasCanned, setCanned] = useState(false);
  const [channel, setChannel] = useState<Channel | null>(null);
  const written = (slot?.legs ?? []).filter((leg) => leg.until == null && leg.channel !== "voice").map((leg) => leg.channel);
  const on = channel !== null && written.includes(channel) ? channel : null;
  const end = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const hinted = useRef(0);
  const shown = useLoad(() => api.get("/api/v1/interactions/{id}", { path: { id } }), `${id} ${version}`);
  const interaction = useSteady(shown.value);
  const templated = useTemplates(isWrapUp ? undefined : interaction?.touchpoint);
  const [isTemplating, setTemplating] = useState(false);
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
  const { title } = useReferences();
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
          <button className="button quiet small icon only-narrow" aria-pressed={isBesideOpen} aria-label={t("contact.title")} title={t("contact.title")} onClick={() => setBesideOpen(!isBesideOpen)}>
            <UserRound size={15} aria-hidden />
          </button>
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
            <Line key={line.key} line={line} agent={title("agent", line.agent)} />
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
          <Record id={id} slot={slot} state={state} profile={profile} typed={typed} type={setTyped} />
        ) : (
          <form className="composer" onSubmit={submit}>
            {hasCanned && interaction !== undefined && (
              <CannedAnswers asked={{ channel: interaction.channel, skills: Object.keys(interaction.skills), locale: interaction.contact.locale }} pick={insert} close={closeCanned} />
            )}
            <button type="button" className="button quiet icon" aria-label={t("canned.title")} title={t("canned.hint")} aria-expanded={hasCanned} onClick={() => setCanned(true)}>
              <MessageSquareQuote size={17} aria-hidden />
            </button>
            {questions !== undefined && (
              <button type="button" className="button quiet icon" aria-label={t("record.questions")} title={t("record.questions")} aria-haspopup="dialog" onClick={() => setAsking(true)}>
                <ClipboardList size={17} aria-hidden />
              </button>
            )}
            {templated !== undefined && (
              <button type="button" className="button quiet icon" aria-label={t("template.title")} title={t("template.title")} aria-haspopup="dialog" onClick={() => setTemplating(true)}>
                <LayoutTemplate size={17} aria-hidden />
              </button>
            )}
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
      <Beside interaction={interaction} profile={profile} isOpen={isBesideOpen} />
      {isTemplating && templated !== undefined && <WriteTemplate interaction={id} settings={templated} state={state} close={() => setTemplating(false)} />}
      {isAsking && questions !== undefined && (
        <Dialog title={t("record.questions")} close={() => setAsking(false)}>
          <div className="stack">
            <Questions questions={questions} typed={typed} change={setTyped} />
            <p className="muted">{t("record.kept")}</p>
            <footer>
              <button className="button primary" onClick={() => setAsking(false)}>
                {t("record.keep")}
              </button>
            </footer>
          </div>
        </Dialog>
      )}
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

function Line({ line, agent }: { line: ThreadLine; agent: string }) {
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
        {line.by === "agent" ? agent : t(`by.${line.by}`)} · <Clock at={line.at} />
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

type RecordProps = { readonly id: string; readonly slot: Slot | undefined; readonly state: DeskState; readonly profile: Profile | undefined; readonly typed: Typed; readonly type: (typed: Typed) => void };

/** The record of a conversation that is over: what the operator is asked, how it is qualified, and the slot is free again. */
function Record({ id, slot, state, profile, typed, type }: RecordProps) {
  const { t } = useWords();
  const dispositions = useReferences().names("disposition");
  const questions = useQuestionnaire(profile?.desk?.questionnaire ?? undefined) ?? [];
  const [chosen, setChosen] = useState("");
  const isUnqualified = profile?.disposition_required === true && chosen === "";
  const missing = unanswered(questions, typed).length;
  const finish = async (isAnswered: boolean) => {
    const answers = isAnswered ? answersOf(questions, typed) : {};
    const said = { ...(chosen === "" ? {} : { disposition: chosen }), ...(Object.keys(answers).length === 0 ? {} : { answers }) };
    if (await state.act({ action: "finish", interaction: id, ...said })) type({});
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void finish(true);
  };
  return (
    <form className="record" onSubmit={submit}>
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
          <button key={one.id} type="button" role="radio" aria-checked={chosen === one.id} className="button small" onClick={() => setChosen(one.id)}>
            {one.title}
          </button>
        ))}
      </div>
      {questions.length > 0 && (
        <fieldset className="questions">
          <legend>{t("record.questions")}</legend>
          <Questions questions={questions} typed={typed} change={type} />
        </fieldset>
      )}
      <div className="row end">
        {missing > 0 && <span className="muted">{t("record.missing", { n: missing })}</span>}
        {questions.length > 0 && profile?.desk?.questionnaire_cancel === true && (
          <button type="button" className="button" disabled={isUnqualified} onClick={() => void finish(false)}>
            {t("record.without")}
          </button>
        )}
        <button className="button primary" disabled={isUnqualified} title={isUnqualified ? t("desk.disposition.required") : undefined}>
          {t("desk.finish")}
        </button>
      </div>
    </form>
  );
}
