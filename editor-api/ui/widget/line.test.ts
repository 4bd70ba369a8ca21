import { expect, test } from "vitest";
import { received, type Entry, type State } from "./line";

const entry = (id: string, event_id?: string): Entry => ({ id, at: "", by: "visitor", text: id, options: [], ...(event_id === undefined ? {} : { event_id }) });
const empty: State = { entries: [], pending: [], isOver: false, isOnline: true, writer: null };

test("an entry that comes twice is shown once, in its first place", () => {
  const once = received(empty, { entries: [entry("i1.1"), entry("i1.2")], over: false });
  const twice = received(once, { entries: [entry("i1.2"), entry("i1.4")], over: true });
  expect(twice.entries.map((one) => one.id)).toEqual(["i1.1", "i1.2", "i1.4"]);
  expect(twice.isOver).toBe(true);
});

test("a message is on its way until the journal has it", () => {
  const pending = [
    { event_id: "a", text: "x", locale: "en" },
    { event_id: "b", text: "y", locale: "en" },
  ];
  const state = received({ ...empty, pending }, { entries: [entry("i1.1", "a")], over: false });
  expect(state.pending.map((one) => one.event_id)).toEqual(["b"]);
});
