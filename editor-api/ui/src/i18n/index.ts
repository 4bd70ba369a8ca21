// The Studio's own words. Every sentence is a key of `en`; the compiler holds `fr` to the same keys.
import { usePreferences } from "../app/preferences";
import { en } from "./en";
import { fr } from "./fr";

export type Language = "en" | "fr";
export type MessageKey = keyof typeof en;
export type Translate = (key: MessageKey, values?: Record<string, string | number>) => string;

const TABLES: Record<Language, Record<MessageKey, string>> = { en, fr };

/** The sentence of a key. `{name}` is filled in; `{n|one|many}` chooses by the number `n`. */
export function translate(language: Language, key: MessageKey, values: Record<string, string | number> = {}): string {
  const rules = new Intl.PluralRules(language);
  return TABLES[language][key]
    .replace(/\{(\w+)\|([^|}]*)\|([^}]*)\}/g, (_, name: string, one: string, many: string) =>
      rules.select(Number(values[name])) === "one" ? one : many,
    )
    .replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The words of the chosen language. */
export function useWords(): { t: Translate; language: Language; say: (words: Words | undefined) => string } {
  const { language } = usePreferences();
  return {
    language,
    t: (key, values) => translate(language, key, values),
    say: (words) => spoken(words, language),
  };
}

/** How dates and numbers are written: English as it is written between countries, with 24 hours. */
export function localeOf(language: Language): string {
  return language === "en" ? "en-GB" : "fr-FR";
}

/** Words by language, as the server and flow documents write them. */
export type Words = { readonly [language: string]: string };

/** The words in a language, else in any language there is. */
export function spoken(words: Words | undefined, language: Language): string {
  if (words === undefined) return "";
  return words[language] ?? words["en"] ?? words["fr"] ?? Object.values(words)[0] ?? "";
}

/** What a language is called, in the reader's own: `fr` is French to one and français to the other. */
export function languageTitle(tag: string, language: Language): string {
  try {
    const name = new Intl.DisplayNames([localeOf(language)], { type: "language" }).of(tag) ?? tag;
    return name.charAt(0).toUpperCase() + name.slice(1);
  } catch {
    // Not a language tag: it is shown as it was written.
    return tag;
  }
}
