// The last minutes of the floor as lines: contacts in line, in conversation, agents who are free to take one.
import { useEffect, useState } from "react";
import { useWords } from "../i18n";
import { useNow } from "../ui/Time";
import { noted, pathOf, type Reading } from "./history";

type Now = Omit<Reading, "at">;

/** Kept while the window is open, so that looking at another page leaves no hole but the time away. */
let kept: readonly Reading[] = [];

export function Charts({ now: { waiting, active, available } }: { now: Now }) {
  const { t } = useWords();
  const now = useNow();
  const [history, setHistory] = useState(kept);
  useEffect(() => {
    kept = noted(kept, { at: Date.now(), waiting, active, available });
    setHistory(kept);
  }, [waiting, active, available]);
  if (history.length === 0) return null;
  const minutes = Math.max(1, Math.round((now - (history[0]?.at ?? now)) / 60_000));
  return (
    <div className="charts">
      {(["waiting", "active", "available"] as const).map((measure) => (
        <figure key={measure} className="card chart" data-measure={measure}>
          <figcaption>
            <strong>{t(`chart.${measure}`)}</strong>
            <span className="muted">{t("chart.span", { n: minutes })}</span>
          </figcaption>
          <svg viewBox="0 0 300 60" preserveAspectRatio="none" role="img" aria-label={t("chart.label", { what: t(`chart.${measure}`), now: history.at(-1)?.[measure] ?? 0, top: Math.max(0, ...history.map((one) => one[measure])) })}>
            <path className="area" d={`${pathOf(history, (one) => one[measure], now, 300, 56)}V60H0Z`} transform="translate(0 2)" />
            <path className="line" d={pathOf(history, (one) => one[measure], now, 300, 56)} transform="translate(0 2)" />
          </svg>
          <p className="muted">{t("chart.top", { n: Math.max(0, ...history.map((one) => one[measure])) })}</p>
        </figure>
      ))}
    </div>
  );
}
