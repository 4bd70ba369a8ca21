import { expect, test } from "vitest";
import { answersFor, type CannedAnswer } from "./canned";

const all: readonly CannedAnswer[] = [
  { id: "hello", settings: { title: { fr: "Accueil", en: "Greeting" }, text: { fr: "Bonjour", en: "Hello" } } },
  { id: "delivery", settings: { title: { fr: "Délai" }, theme: "Commandes", text: { fr: "Trois jours." }, skills: ["sales"] } },
  { id: "window", settings: { title: { fr: "Fenêtre" }, theme: "Commandes", text: { fr: "Écrivez-nous." }, channels: ["whatsapp"] } },
];
const asked = { channel: "webchat", skills: ["sales"], locale: "fr-CA" };
const say = (language: string) => (words: Readonly<Record<string, string>>) => words[language] ?? Object.values(words)[0] ?? "";
const titles = (themes: ReturnType<typeof answersFor>) => themes.map(({ theme, answers }) => [theme, answers.map((one) => one.title)]);

test("dyd_18: answers stand by theme, those without one first, and only those of the channel and the skills", () => {
  expect(titles(answersFor(all, asked, "", say("fr")))).toEqual([["", ["Accueil"]], ["Commandes", ["Délai"]]]);
  expect(titles(answersFor(all, { ...asked, channel: "whatsapp", skills: [] }, "", say("fr")))).toEqual([["", ["Accueil"]], ["Commandes", ["Fenêtre"]]]);
});

test("the words are in the contact's language, whatever the agent reads; the search is in both", () => {
  expect(answersFor(all, asked, "", say("en"))[0]?.answers[0]).toMatchObject({ id: "hello", title: "Greeting", text: "Bonjour" });
  expect(answersFor(all, { ...asked, locale: "de" }, "", say("en"))[0]?.answers[0]?.text).toBe("Hello");
  expect(titles(answersFor(all, asked, "delai", say("fr")))).toEqual([["Commandes", ["Délai"]]]);
  expect(answersFor(all, asked, "bonjour trois", say("fr"))).toEqual([]);
});
