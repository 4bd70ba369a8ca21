// The hours of an ordinary week as bars, so that a gap or a typing mistake is seen at once.
import { settingTitle } from "../forms/titles";
import type { Json } from "../flows/model/types";
import { isObject } from "../forms/SchemaForm";
import { useWords } from "../i18n";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

export function CalendarPicture({ settings }: { settings: Json }) {
  const { t, language } = useWords();
  const weekly = isObject(settings) && isObject(settings["weekly"]) ? settings["weekly"] : {};
  return (
    <figure className="week" aria-label={t("calendar.picture")}>
      {DAYS.map((day) => (
        <div key={day} className="day">
          <span>{settingTitle(day, language)}</span>
          <svg viewBox="0 0 1440 20" preserveAspectRatio="none" aria-hidden>
            <rect className="closed" width="1440" height="20" rx="4" />
            {windowsOf(weekly[day]).map(([from, to]) => (
              <rect key={from} className="open" x={from} width={Math.max(0, Math.min(to, 1440) - from)} height="20" />
            ))}
          </svg>
          <small className="muted">{windowsOf(weekly[day]).map(([from, to]) => `${hour(from)}–${hour(to)}`).join(", ") || t("calendar.closed")}</small>
        </div>
      ))}
    </figure>
  );
}

function windowsOf(day: Json | undefined): readonly (readonly [number, number])[] {
  if (!Array.isArray(day)) return [];
  return (day as readonly Json[]).flatMap((window) => {
    if (!isObject(window)) return [];
    const [from, to] = [minutes(window["from"]), minutes(window["to"])];
    return from === null || to === null || to <= from ? [] : [[from, to] as const];
  });
}

function minutes(text: Json | undefined): number | null {
  const match = typeof text === "string" ? /^(\d{1,2}):(\d{2})$/.exec(text) : null;
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

function hour(at: number): string {
  return `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
}
