// Instants as people read them, and clocks that run while they are looked at.
import { useSyncExternalStore } from "react";
import { localeOf, useWords } from "../i18n";

const tickers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

/** The time, once a second, one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

function subscribe(listener: () => void): () => void {
  tickers.add(listener);
  if (timer === null) now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    tickers.forEach((tick) => tick());
  }, 1000);
  return () => {
    tickers.delete(listener);
    if (tickers.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** "3 minutes ago", with the instant itself as its title. */
export function Ago({ at }: { at: string }) {
  const { language } = useWords();
  const now = useNow();
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "long" });
  const [unit, size] = scaleOf(Math.abs(seconds));
  return (
    <time dateTime={at} title={new Date(at).toLocaleString(localeOf(language))}>
      {Math.abs(seconds) < 5 ? format.format(0, "second") : format.format(Math.trunc(seconds / size), unit)}
    </time>
  );
}

/** The hour and minute of an instant. */
export function Clock({ at, seconds = false }: { at: string; seconds?: boolean }) {
  const { language } = useWords();
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}) };
  return (
    <time dateTime={at} title={new Date(at).toLocaleString(localeOf(language))}>
      {new Date(at).toLocaleTimeString(localeOf(language), options)}
    </time>
  );
}

/** Time since an instant, running: `4:07`. */
export function Since({ at }: { at: string }) {
  const now = useNow();
  return <span className="running">{inMinutes(now - Date.parse(at))}</span>;
}

/** Minutes and seconds of a stretch of time: `4:07`, `1:02:09`. */
export function inMinutes(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

function scaleOf(seconds: number): [Intl.RelativeTimeFormatUnit, number] {
  if (seconds < 60) return ["second", 1];
  if (seconds < 3600) return ["minute", 60];
  if (seconds < 86_400) return ["hour", 3600];
  return ["day", 86_400];
}
