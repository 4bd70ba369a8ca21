import { expect, test } from "vitest";
import { NOTHING_YET, isFormDue, received, type Entry } from "./line";

const entry = (id: string, event_id?: string): Entry => ({ id, at: "", by: "visitor", text: id, options: [], ...(event_id === undefined ? {} : { event_id }) });
const empty = NOTHING_YET;
const service = { open: true };
const closed = { open: false, opens_at: "2026-01-12T08:00:00Z" };

test("an entry that comes twice is shown once, in its first place", () => {
  const once = received(empty, { entries: [entry("i1.1"), entry("i1.2")], over: false, service });
  const twice = received(once, { entries: [entry("i1.2"), entry("i1.4")], over: true, service });
  expect(twice.entries.map((one) => one.id)).toEqual(["i1.1", "i1.2", "i1.4"]);
  expect(twice.isOver).toBe(true);
});

test("a message is on its way until the journal has it", () => {
  const pending = [
    { event_id: "a", text: "x", locale: "en" },
    { event_id: "b", text: "y", locale: "en" },
  ];
  const state = received({ ...empty, pending }, { entries: [entry("i1.1", "a")], over: false, service });
  expect(state.pending.map((one) => one.event_id)).toEqual(["b"]);
});

test("a closed service shows its form to those who have no conversation, and not again once they wrote", () => {
  const begun = received(empty, { entries: [entry("i1.1")], over: false, service: closed });
  const over = received(begun, { entries: [], over: true, service: closed });
  const before = received(empty, { entries: [], over: false, service: closed });
  expect([empty, before, begun, over].map((state) => isFormDue(state, false))).toEqual([false, true, false, true]);
  expect(isFormDue(over, true)).toBe(false);
  expect(isFormDue({ ...before, pending: [{ event_id: "a", text: "x", locale: "en" }] }, false)).toBe(false);
});
