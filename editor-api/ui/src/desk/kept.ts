// What a tab of the desk keeps of what was not said yet, so that a reload loses neither a half-written answer nor a
// message on its way. The server knows a message by its id and takes it once, however often it is sent.
import type { Action } from "./socket";

export type Message = Extract<Action, { readonly event_id: string }>;

type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const UNSENT = "routewright.desk.unsent.";
const TEXT = "routewright.desk.text.";

/** Messages of an agent that nobody answered yet, oldest first. */
export function unsentOf(agent: string, shelf: Shelf = sessionStorage): readonly Message[] {
  return JSON.parse(shelf.getItem(UNSENT + agent) ?? "[]") as readonly Message[];
}

export function keepUnsent(agent: string, message: Message, shelf: Shelf = sessionStorage): void {
  put(shelf, UNSENT + agent, [...unsentOf(agent, shelf).filter((one) => one.event_id !== message.event_id), message]);
}

export function forgetUnsent(agent: string, { event_id }: Message, shelf: Shelf = sessionStorage): void {
  put(shelf, UNSENT + agent, unsentOf(agent, shelf).filter((one) => one.event_id !== event_id));
}

/** What stands in the field of a conversation. */
export function textOf(interaction: string, shelf: Shelf = sessionStorage): string {
  return shelf.getItem(TEXT + interaction) ?? "";
}

export function keepText(interaction: string, text: string, shelf: Shelf = sessionStorage): void {
  if (text === "") shelf.removeItem(TEXT + interaction);
  else shelf.setItem(TEXT + interaction, text);
}

function put(shelf: Shelf, key: string, messages: readonly Message[]): void {
  if (messages.length === 0) shelf.removeItem(key);
  else shelf.setItem(key, JSON.stringify(messages));
}
