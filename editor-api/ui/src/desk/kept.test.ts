import { expect, test } from "vitest";
import { forgetUnsent, keepShown, keepText, keepTyped, keepUnsent, shownOf, textOf, typedOf, unsentOf, type Message } from "./kept";

function shelf() {
  const all = new Map<string, string>();
  return { all, getItem: (key: string) => all.get(key) ?? null, setItem: (key: string, value: string) => void all.set(key, value), removeItem: (key: string) => void all.delete(key) };
}
const message = (event_id: string): Message => ({ action: "write", interaction: "i1", text: event_id, event_id });

test("a message is kept until it is answered, in the order in which it was written, and each once", () => {
  const own = shelf();
  for (const id of ["a", "b", "a"]) keepUnsent("lea", message(id), own);
  expect(unsentOf("lea", own).map((one) => one.event_id)).toEqual(["b", "a"]);
  expect(unsentOf("hugo", own)).toEqual([]);
  forgetUnsent("lea", message("b"), own);
  expect(unsentOf("lea", own).map((one) => one.event_id)).toEqual(["a"]);
  forgetUnsent("lea", message("a"), own);
  expect(own.all.size).toBe(0);
});

test("a half-written answer is kept by conversation, and nothing is kept of an empty field", () => {
  const own = shelf();
  keepText("i1", "Good mor", own);
  expect([textOf("i1", own), textOf("i2", own)]).toEqual(["Good mor", ""]);
  keepText("i1", "", own);
  expect(own.all.size).toBe(0);
});

test("answers half given are kept by conversation, and nothing is kept of empty fields", () => {
  const own = shelf();
  keepTyped("i1", { rating: "4", note: "" }, own);
  expect([typedOf("i1", own), typedOf("i2", own)]).toEqual([{ rating: "4", note: "" }, {}]);
  keepTyped("i1", { rating: "", note: "" }, own);
  expect(own.all.size).toBe(0);
});

test("a reload comes back to the conversation that was looked at", () => {
  const own = shelf();
  expect(shownOf("lea", own)).toBeNull();
  keepShown("lea", "i7", own);
  expect([shownOf("lea", own), shownOf("hugo", own)]).toEqual(["i7", null]);
});
