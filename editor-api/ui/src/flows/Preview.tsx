// What a contact sees of a node, on each channel and in each language. The server says what is said, by playing the node
// alone; here it is only drawn the way the channel would.
import { Eye, List as ListIcon, Reply } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { api } from "../api/client";
import { valueTitle } from "../forms/titles";
import { useWords } from "../i18n";
import { alone } from "./model/alone";
import { smsParts } from "./model/sms";
import type { Channel, FlowDocument } from "./model/types";

const CHANNELS: readonly Channel[] = ["whatsapp", "webchat", "sms"];

/** WhatsApp shows so many options as buttons, then as rows of a list, then none at all. */
const BUTTONS_MAX = 3;
const ROWS_MAX = 10;
const AFTER_MS = 400;

type Said = { readonly text: string; readonly options?: readonly { readonly id: string; readonly label: string }[]; readonly attached?: readonly { readonly attached?: string; readonly url?: string }[] };

export function Preview({ document, id }: { document: FlowDocument; id: string }) {
  const { t, language } = useWords();
  const channels = CHANNELS.filter((channel) => (document.channels ?? []).length === 0 || document.channels.includes(channel));
  const [chosen, setChosen] = useState<Channel | null>(null);
  const [locale, setLocale] = useState<string>(language);
  const channel = chosen !== null && channels.includes(chosen) ? chosen : channels[0];
  const said = useSaid(document, id, channel, locale);
  if (channel === undefined) return null;
  return (
    <section className="preview">
      <div className="row">
        <h3 className="grow">
          <Eye size={12} aria-hidden /> {t("preview.title")}
        </h3>
        <select className="source" aria-label={t("contact.language")} value={locale} onChange={(event) => setLocale(event.target.value)}>
          {["fr", "en"].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <select className="source" aria-label={t("contact.channel")} value={channel} onChange={(event) => setChosen(event.target.value as Channel)}>
          {channels.map((one) => (
            <option key={one} value={one}>
              {valueTitle(one, language)}
            </option>
          ))}
        </select>
      </div>
      <div className={`phone ${channel}`} lang={locale}>
        {said === null && <p>{t("preview.silent")}</p>}
        {said?.map((one, at) => (
          <Bubble key={at} said={one} channel={channel} />
        ))}
      </div>
    </section>
  );
}

function Bubble({ said, channel }: { said: Said; channel: Channel }) {
  const { t } = useWords();
  const options = said.options ?? [];
  const isWhatsapp = channel === "whatsapp";
  return (
    <div className="bubble">
      {said.attached?.map((one, at) => <code key={at}>{one.url ?? one.attached}</code>)}
      <p>{said.text}</p>
      {channel === "sms" && <small>{t("texts.sms", { n: smsParts(said.text), chars: [...said.text].length })}</small>}
      {isWhatsapp && options.length > BUTTONS_MAX && options.length <= ROWS_MAX && (
        <span className="bubble-button">
          <ListIcon size={13} aria-hidden />
          {t("preview.list")}
        </span>
      )}
      {options.length > 0 && channel !== "sms" && (
        <ul className={isWhatsapp && options.length > BUTTONS_MAX ? "rows" : "buttons"}>
          {options.map((option) => (
            <li key={option.id}>
              {isWhatsapp && options.length <= BUTTONS_MAX && <Reply size={12} aria-hidden />}
              {option.label}
            </li>
          ))}
        </ul>
      )}
      {isWhatsapp && options.length > ROWS_MAX && <small className="is-warning">{t("preview.toomany", { n: ROWS_MAX })}</small>}
    </div>
  );
}

/** What the node says first; null when it says nothing, or cannot be played as it is. */
function useSaid(document: FlowDocument, id: string, channel: Channel | undefined, locale: string): readonly Said[] | null {
  const [said, setSaid] = useState<readonly Said[] | null>(null);
  const text = useMemo(() => JSON.stringify(alone(document, id)), [document, id]);
  useEffect(() => {
    if (channel === undefined) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const played = JSON.parse(text) as FlowDocument;
      const scenario = { name: "preview", channel, locale, steps: [{ contact_says: "…" }] };
      api
        .post("/api/v1/flows/{id}/rehearse", { path: { id: played.id }, body: { document: played, scenario }, signal: stop.signal })
        .then((result) => {
          const facts = result.ok ? result.value.moments.flatMap((moment) => moment.facts as readonly ({ readonly fact: string } & Record<string, unknown>)[]) : [];
          const all = facts.filter((fact) => fact.fact === "message_sent").map((fact) => fact["said"] as Said);
          setSaid(all.length === 0 ? null : all);
        })
        .catch((error: unknown) => {
          if (!stop.signal.aborted) throw error;
        });
    }, AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, channel, locale]);
  return said;
}
