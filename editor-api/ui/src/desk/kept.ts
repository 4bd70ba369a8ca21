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

const SHOWN = "routewright.desk.shown.";

/** The conversation that an agent looks at; it may be his no more. */
export function shownOf(agent: string, shelf: Shelf = sessionStorage): string | null {
  return shelf.getItem(SHOWN + agent);
}

export function keepShown(agent: string, interaction: string, shelf: Shelf = sessionStorage): void {
  shelf.setItem(SHOWN + agent, interaction);
}

const ANSWERS = "routewright.desk.answers.";

/** What was typed into the questionnaire of a conversation, by question. */
export function typedOf(interaction: string, shelf: Shelf = sessionStorage): { readonly [question: string]: string } {
  return JSON.parse(shelf.getItem(ANSWERS + interaction) ?? "{}") as { readonly [question: string]: string };
}

export function keepTyped(interaction: string, typed: { readonly [question: string]: string }, shelf: Shelf = sessionStorage): void {
  if (Object.values(typed).every((text) => text === "")) shelf.removeItem(ANSWERS + interaction);
  else shelf.setItem(ANSWERS + interaction, JSON.stringify(typed));
}

function put(shelf: Shelf, key: string, messages: readonly Message[]): void {
  if (messages.length === 0) shelf.removeItem(key);
  else shelf.setItem(key, JSON.stringify(messages));
}
