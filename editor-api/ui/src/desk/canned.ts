// Canned answers as a conversation needs them: those of its channel and skills, by theme, in the contact's language.
import type { Schemas } from "../api/client";
import type { Words } from "../i18n";

export type CannedAnswer = { readonly id: string; readonly settings: Schemas["CannedAnswerSettings"] };
export type Answer = { readonly id: string; readonly title: string; readonly text: string };
export type Theme = { readonly theme: string; readonly answers: readonly Answer[] };
export type Asked = { readonly channel: string; readonly skills: readonly string[]; readonly locale: string };

export function answersFor(all: readonly CannedAnswer[], asked: Asked, wanted: string, say: (words: Words) => string): readonly Theme[] {
  const fits = all.filter(({ settings: { channels = [], skills = [] } }) => (channels.length === 0 || channels.some((one) => one === asked.channel)) && (skills.length === 0 || skills.some((one) => asked.skills.includes(one))));
  const answers = fits.map(({ id, settings }) => ({
    id,
    theme: settings.theme ?? "",
    title: say(settings.title as Words) || id,
    text: inTheirLanguage(settings.text as Words, asked.locale, say),
  }));
  const found = answers.filter(({ id, theme, title, text }) => folded(wanted).split(/\s+/).every((word) => folded(`${id} ${theme} ${title} ${text}`).includes(word)));
  const themes = [...new Set(found.map((one) => one.theme))].sort((a, b) => a.localeCompare(b));
  return themes.map((theme) => ({ theme, answers: found.filter((one) => one.theme === theme) }));
}

/** `fr-CA` is answered in `fr` when there is nothing closer. */
function inTheirLanguage(text: Words, locale: string, say: (words: Words) => string): string {
  return text[locale] ?? text[locale.split("-")[0] ?? ""] ?? say(text);
}

function folded(text: string): string {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}
