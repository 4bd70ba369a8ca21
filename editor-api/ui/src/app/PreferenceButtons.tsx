// Language and theme, one press each.
import { Moon, Sun } from "lucide-react";
import { useWords } from "../i18n";
import { prefer, usePreferences } from "./preferences";

export function PreferenceButtons() {
  const { t, language } = useWords();
  const { theme } = usePreferences();
  const other = language === "fr" ? "en" : "fr";
  return (
    <>
      <button className="button quiet small" lang={other} onClick={() => prefer({ language: other })}>
        {other === "fr" ? "Français" : "English"}
      </button>
      <button
        className="button quiet small icon"
        aria-label={t(theme === "dark" ? "theme.light" : "theme.dark")}
        title={t(theme === "dark" ? "theme.light" : "theme.dark")}
        onClick={() => prefer({ theme: theme === "dark" ? "light" : "dark" })}
      >
        {theme === "dark" ? <Sun size={15} aria-hidden /> : <Moon size={15} aria-hidden />}
      </button>
    </>
  );
}
