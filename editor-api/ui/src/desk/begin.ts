// What an agent may write unasked, and how: the letter that the dialog fills in, as the server takes it. The server judges;
// the dialog only shows what it would not refuse.
import type { Schemas } from "../api/client";
import type { Channel } from "../flows/model/types";

export type Letter = {
  readonly touchpoint: string;
  readonly address: string;
  readonly name: string;
  /** Empty for the language of his last conversation, or the touchpoint's. */
  readonly locale: string;
  readonly text: string;
  /** The template's name at the provider; empty for none. */
  readonly template: string;
  readonly templateLanguage: string;
  readonly parameters: readonly string[];
  /** Where and when he said that he may be written to. */
  readonly consent: string;
  /** The conversation that is set aside for it; empty for none. */
  readonly hold: string;
};

type Touchpoint = Pick<Schemas["TouchpointSettings"], "conversation" | "templates">;

export function emptyLetter(language: string): Letter {
  return { touchpoint: "", address: "", name: "", locale: "", text: "", template: "", templateLanguage: language, parameters: [], consent: "", hold: "" };
}

/** Channels on which somebody can be found who did not come: a visitor of a page is nowhere to be written to. */
const REACHED: ReadonlySet<Channel> = new Set<Channel>(["whatsapp", "sms", "email", "voice"]);

/** Whether conversations may be begun through a touchpoint: it is in service, reaches people, and the role lets him (WAP-05). */
export function mayBegin({ id, settings }: { readonly id: string; readonly settings: Pick<Schemas["TouchpointSettings"], "channel" | "active"> }, role: Pick<Schemas["RoleSettings"], "touchpoints"> | undefined): boolean {
  const isPermitted = role === undefined || role.touchpoints?.[id]?.start === true;
  return settings.active === true && REACHED.has(settings.channel) && isPermitted;
}

/** Whether a template may be needed: the channel has a window in which alone one may write freely, or knows templates. */
export function needsTemplate({ conversation, templates }: Touchpoint): boolean {
  return conversation?.messaging_window != null || Object.keys(templates ?? {}).length > 0;
}

/** Templates that may go out. */
export function templatesOf({ templates = {} }: Pick<Touchpoint, "templates">): readonly string[] {
  return Object.entries(templates).flatMap(([name, { approved }]) => (approved === true ? [name] : []));
}

/** The template as it goes with a message. */
export function attachedOf({ template, templateLanguage, parameters }: Pick<Letter, "template" | "templateLanguage" | "parameters">): Schemas["Attached"][] {
  return template === "" ? [] : [{ attached: "template", name: template, language: templateLanguage, parameters: [...parameters] }];
}

export function beginningOf(letter: Letter, settings: Touchpoint): Schemas["Beginning"] {
  const { touchpoint, address, text } = letter;
  const given = { name: letter.name.trim(), locale: letter.locale, opted_in: letter.consent.trim(), hold: letter.hold };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  const attached = needsTemplate(settings) ? attachedOf(letter) : [];
  return { touchpoint, address: address.trim(), text, ...said, ...(attached.length === 0 ? {} : { attached }) };
}
