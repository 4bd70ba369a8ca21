// Language and theme of this browser, kept in its storage. The system's choice holds until somebody makes one.
import { useSyncExternalStore } from "react";
import type { Language } from "../i18n";

export type Theme = "light" | "dark";
type Preferences = { readonly language: Language; readonly theme: Theme };

const KEY = "routewright.preferences";
const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  const kept = parsed(localStorage.getItem(KEY));
  const system: Preferences = {
    language: navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en",
    theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
  };
  return { ...system, ...kept };
}

function parsed(text: string | null): Partial<Preferences> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    if (typeof value !== "object" || value === null) return {};
    const { language, theme } = value as Record<string, unknown>;
    return {
      ...(language === "en" || language === "fr" ? { language } : {}),
      ...(theme === "light" || theme === "dark" ? { theme } : {}),
    };
  } catch {
    return {};
  }
}

function show(): void {
  document.documentElement.dataset["theme"] = current.theme;
  document.documentElement.lang = current.language;
}

show();

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(KEY, JSON.stringify(current));
  show();
  listeners.forEach((listener) => listener());
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

/** For code outside components: the API client asks for problems in this language. */
export function preferredLanguage(): Language {
  return current.language;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
