// A conversation over several channels: the ones it may be taken to, the ones it goes on over, and the record of each.
import { PhoneOff } from "lucide-react";
import { useState, type FormEvent } from "react";
import type { Schemas } from "../api/client";
import type { Channel } from "../flows/model/types";
import { useReferences } from "../forms/references";
import { valueTitle } from "../forms/titles";
import { useWords } from "../i18n";
import { ChannelIcon } from "../ui/ChannelIcon";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Countdown } from "./DeskPage";
import { elevations } from "./elevation";
import type { DeskState, Slot } from "./useDesk";

type ElevateProps = { readonly slot: Slot; readonly state: DeskState; readonly address: string };

/** One icon for each channel that the conversation may be taken to, and for no other (MAX-09). */
export function Elevate({ slot, state, address }: ElevateProps) {
  const { t, language } = useWords();
  const [chosen, setChosen] = useState<Channel | null>(null);
  return (
    <div className="elevate" role="group" aria-label={t("elevate.title")}>
      {elevations(slot.channel, slot.legs ?? []).map((channel) => (
        <button key={channel} className="button quiet small icon" aria-label={t("elevate.to", { channel: valueTitle(channel, language) })} title={t("elevate.to", { channel: valueTitle(channel, language) })} onClick={() => setChosen(channel)}>
          <ChannelIcon channel={channel} />
        </button>
      ))}
      {chosen !== null && <ElevateTo channel={chosen} address={address} interaction={slot.interaction} state={state} close={() => setChosen(null)} />}
    </div>
  );
}

type ElevateToProps = { readonly channel: Channel; readonly address: string; readonly interaction: string; readonly state: DeskState; readonly close: () => void };

/** What the channel needs: a mailbox, a subject and a text; or a number and the skill that chooses the line. */
function ElevateTo({ channel, address, interaction, state, close }: ElevateToProps) {
  const { t, language } = useWords();
  const skills = useReferences().names("skill");
  const isMail = channel === "email";
  const [to, setTo] = useState(isMail === address.includes("@") && /[@+0-9]/.test(address) ? address : "");
  const [skill, setSkill] = useState("");
  const [subject, setSubject] = useState("");
  const [body, setBody] = useState("");
  const elevate = async (event: FormEvent) => {
    event.preventDefault();
    const given = { ...(skill === "" ? {} : { skill }), ...(subject === "" ? {} : { subject }), ...(body === "" ? {} : { body }) };
    if (await state.act({ action: "elevate", interaction, to: { channel, address: to.trim(), ...given } })) close();
  };
  return (
    <Dialog title={t("elevate.to", { channel: valueTitle(channel, language) })} close={close}>
      <form className="stack" onSubmit={(event) => void elevate(event)}>
        <Field label={t(isMail ? "elevate.mailbox" : "elevate.number")}>
          {(ids) => <input id={ids.control} className="input" type={isMail ? "email" : "tel"} required autoFocus value={to} onChange={(event) => setTo(event.target.value)} />}
        </Field>
        {!isMail && (
          <Field label={t("settings.skill")} help={t("elevate.skill.help")}>
            {(ids) => (
              <select id={ids.control} aria-describedby={ids.help} className="input" required value={skill} onChange={(event) => setSkill(event.target.value)}>
                <option value="">{t("form.none")}</option>
                {skills.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.title}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {isMail && <Field label={t("elevate.subject")}>{(ids) => <input id={ids.control} className="input" required value={subject} onChange={(event) => setSubject(event.target.value)} />}</Field>}
        {channel !== "voice" && <Field label={t("elevate.body")}>{(ids) => <textarea id={ids.control} className="input" required={isMail} value={body} onChange={(event) => setBody(event.target.value)} />}</Field>}
        <footer>
          <button type="button" className="button" onClick={close}>
            {t("cancel")}
          </button>
          <button className="button primary">{t(channel === "voice" ? "elevate.call" : "desk.send")}</button>
        </footer>
      </form>
    </Dialog>
  );
}

type LegsProps = { readonly slot: Slot; readonly state: DeskState };

/** The further channels: each ends on its own, and each has a record of its own (MAX-15, MAX-16). */
export function Legs({ slot, state }: LegsProps) {
  if ((slot.legs ?? []).length === 0) return null;
  return (
    <ul className="legs">
      {(slot.legs ?? []).map((leg) => (
        <Leg key={leg.channel} leg={leg} interaction={slot.interaction} state={state} />
      ))}
    </ul>
  );
}

function Leg({ leg, interaction, state }: { leg: Schemas["LegView"]; interaction: string; state: DeskState }) {
  const { t, language } = useWords();
  const dispositions = useReferences().names("disposition");
  const [disposition, setDisposition] = useState("");
  const { channel } = leg;
  return (
    <li>
      <ChannelIcon channel={channel} />
      <strong>{valueTitle(channel, language)}</strong>
      <span className="grow truncate muted">{leg.address ?? ""}</span>
      {leg.until == null ? (
        <button className="button small" onClick={() => void state.act({ action: "close_channel", interaction, channel })}>
          <PhoneOff size={13} aria-hidden />
          {t("leg.close")}
        </button>
      ) : (
        <>
          <Countdown until={leg.until} />
          <select className="input transfer" aria-label={t("desk.disposition")} value={disposition} onChange={(event) => setDisposition(event.target.value)}>
            <option value="">{t("desk.disposition")}</option>
            {dispositions.map((one) => (
              <option key={one.id} value={one.id}>
                {one.title}
              </option>
            ))}
          </select>
          <button className="button small" onClick={() => void state.act({ action: "finish_channel", interaction, channel, ...(disposition === "" ? {} : { disposition }) })}>
            {t("desk.finish")}
          </button>
        </>
      )}
    </li>
  );
}
