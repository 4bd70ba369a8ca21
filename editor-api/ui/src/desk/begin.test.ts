import { expect, test } from "vitest";
import { beginningOf, emptyLetter, mayBegin, needsTemplate, templatesOf } from "./begin";

const SMS = { id: "sms", settings: { channel: "sms", active: true } } as const;

test("wap_05_conversations_begin_where_people_can_be_reached_and_the_role_permits_it", () => {
  expect(mayBegin(SMS, undefined)).toBe(true);
  expect(mayBegin(SMS, { touchpoints: { sms: { reply: true, start: true } as never } })).toBe(true);
  expect(mayBegin(SMS, { touchpoints: { sms: { reply: true, start: false } as never } })).toBe(false);
  expect(mayBegin(SMS, { touchpoints: {} })).toBe(false);
  expect(mayBegin({ id: "sms", settings: { channel: "sms", active: false } }, undefined)).toBe(false);
  expect(mayBegin({ id: "web", settings: { channel: "webchat", active: true } }, undefined)).toBe(false);
});

test("wap_13_only_approved_templates_are_offered", () => {
  const settings = { conversation: {}, templates: { hello: { languages: ["fr"], approved: true }, later: { languages: ["fr"] } } } as never;
  expect(templatesOf(settings)).toEqual(["hello"]);
  expect([needsTemplate(settings), needsTemplate({ conversation: {} } as never), needsTemplate({ conversation: { messaging_window: "24h" } } as never)]).toEqual([true, false, true]);
});

test("max_10_what_was_left_empty_is_not_sent", () => {
  const letter = { ...emptyLetter("fr"), touchpoint: "sms", address: " +33612345678 ", text: "Bonjour" };
  expect(beginningOf(letter, { conversation: {} } as never)).toEqual({ touchpoint: "sms", address: "+33612345678", text: "Bonjour" });
  const full = { ...letter, name: "Ada", locale: "en", consent: "at the till", hold: "i7", template: "hello", templateLanguage: "fr", parameters: ["Ada"] };
  expect(beginningOf(full, { conversation: { messaging_window: "24h" } } as never)).toEqual({
    touchpoint: "sms",
    address: "+33612345678",
    text: "Bonjour",
    name: "Ada",
    locale: "en",
    opted_in: "at the till",
    hold: "i7",
    attached: [{ attached: "template", name: "hello", language: "fr", parameters: ["Ada"] }],
  });
  expect(beginningOf(full, { conversation: {} } as never).attached, "the channel knows no templates").toBeUndefined();
});
