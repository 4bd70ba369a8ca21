// Which channels a conversation may be taken to beside its own (MAX-08). The server refuses every other pair; the desk
// shows none of them (MAX-09).
import type { Channel } from "../flows/model/types";

const TARGETS: { readonly [from in Channel]: readonly Channel[] } = {
  webchat: ["email", "voice", "sms"],
  whatsapp: ["email", "voice", "sms"],
  work_item: ["email", "voice", "sms"],
  voicemail: ["email", "voice", "sms"],
  email: ["voice", "sms"],
  voice: ["email", "sms"],
  sms: ["email", "voice"],
};

/** The channels that may still be added to a conversation: of its own channel's, those that it does not have yet. */
export function elevations(from: Channel, legs: readonly { readonly channel: Channel }[]): readonly Channel[] {
  return TARGETS[from].filter((channel) => legs.every((leg) => leg.channel !== channel));
}
