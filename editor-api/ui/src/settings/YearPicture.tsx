// A year as twelve lines of days, with closed dates and dates that have hours of their own, so that a forgotten or a
// doubled one is seen.
import { useState } from "react";
import type { Json } from "../flows/model/types";
import { isObject } from "../forms/SchemaForm";
import { localeOf, spoken, useWords, type Words } from "../i18n";
import { daysOf, type Marked } from "./year";

const CELL = 14;

export function YearPicture({ settings }: { settings: Json }) {
  const { t, language } = useWords();
  const [year, setYear] = useState(() => new Date().getFullYear());
  const days = isObject(settings) ? daysOf(settings) : new Map<string, Marked>();
  const months = Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(year, month, 1)));
  return (
    <figure className="year" aria-label={t("calendar.year")}>
      <figcaption className="row">
        <input className="input small" type="number" min={2000} max={2100} aria-label={t("calendar.year")} value={year} onChange={(event) => setYear(Number(event.target.value))} />
        <span className="muted grow">{t("calendar.year.count", { n: [...days.keys()].filter((day) => day.startsWith(`${year}-`)).length })}</span>
      </figcaption>
      {months.map((month) => (
        <div key={month.getUTCMonth()} className="month">
          <span>{month.toLocaleDateString(localeOf(language), { month: "short", timeZone: "UTC" })}</span>
          <svg viewBox={`0 0 ${31 * CELL} ${CELL}`} role="presentation">
            {daysIn(month).map((day) => {
              const marked = days.get(day.iso);
              return (
                <rect key={day.iso} className={marked?.is ?? (day.isWeekend ? "weekend" : "day")} x={(day.number - 1) * CELL} width={CELL - 2} height={CELL - 2} rx="2">
                  <title>{`${day.iso} ${marked === undefined ? "" : spoken(marked.why as Words, language)}`.trim()}</title>
                </rect>
              );
            })}
          </svg>
        </div>
      ))}
    </figure>
  );
}

function daysIn(month: Date): readonly { readonly iso: string; readonly number: number; readonly isWeekend: boolean }[] {
  const count = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate();
  return Array.from({ length: count }, (_, at) => {
    const day = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), at + 1));
    return { iso: day.toISOString().slice(0, 10), number: at + 1, isWeekend: day.getUTCDay() % 6 === 0 };
  });
}
