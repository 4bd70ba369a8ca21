// Service levels: each share stands beside what it counts, because the same queue has a different one by each definition.
import { useState } from "react";
import { api, type Schemas } from "../api/client";
import { useLoad, useSteady } from "../api/useLoad";
import { useReferences } from "../forms/references";
import { localeOf, useWords, type Language } from "../i18n";
import { Notice, sentence } from "../ui/Notice";

type Level = Schemas["Level"];

/** How far back, and what served in time means. */
const OVERS = ["15m", "1h", "4h", "24h"] as const;
const WITHINS = ["", "10s", "20s", "30s", "1m", "5m"] as const;

export function ServiceLevels({ version }: { version: number }) {
  const { t, say, language } = useWords();
  const [over, setOver] = useState<(typeof OVERS)[number]>("1h");
  const [within, setWithin] = useState<(typeof WITHINS)[number]>("");
  const [definition, setDefinition] = useState("offered");
  const skills = useReferences().names("skill");
  const query = { over, ...(within === "" ? {} : { within }) };
  const loaded = useLoad(() => api.get("/api/v1/service-levels", { query }), `${over} ${within} ${version}`);
  const levels = useSteady(loaded.value);
  if (loaded.problem) return <Notice tone="danger" problem={loaded.problem} />;
  if (levels === undefined) return null;
  const formula = levels.all.service_levels.find((one) => one.definition === definition)?.formula;
  const titleOf = (id: string) => skills.find((one) => one.id === id)?.title ?? id;
  const rows: readonly (readonly [string, string, Level])[] = [["", t("levels.all"), levels.all], ...Object.entries(levels.queues).map(([id, level]) => [id, titleOf(id), level] as const)];
  return (
    <section className="stack">
      <div className="row wrap">
        <h2 className="grow">{t("levels.title")}</h2>
        <select className="input auto" aria-label={t("levels.definition")} value={definition} onChange={(event) => setDefinition(event.target.value)}>
          {levels.all.service_levels.map((one) => (
            <option key={one.definition} value={one.definition}>
              {sentence(say(one.formula)).replace(/[.]$/, "")}
            </option>
          ))}
        </select>
        <select className="input auto" aria-label={t("levels.within")} value={within} onChange={(event) => setWithin(event.target.value as typeof within)}>
          {WITHINS.map((one) => (
            <option key={one} value={one}>
              {one === "" ? t("levels.within.own") : t("levels.within.of", { time: one })}
            </option>
          ))}
        </select>
        <select className="input auto" aria-label={t("levels.over")} value={over} onChange={(event) => setOver(event.target.value as typeof over)}>
          {OVERS.map((one) => (
            <option key={one} value={one}>
              {t("levels.over.of", { time: one })}
            </option>
          ))}
        </select>
      </div>
      <div className="card" role="region" aria-label={t("levels.title")} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th>{t("floor.need")}</th>
              <th className="number">{t("levels.level")}</th>
              <th className="number">{t("levels.offered")}</th>
              <th className="number">{t("levels.served")}</th>
              <th className="number">{t("levels.intime")}</th>
              <th className="number">{t("levels.abandoned")}</th>
              <th className="number">{t("levels.wait")}</th>
              <th className="number">{t("levels.promises")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([id, title, level]) => (
              <tr key={id}>
                <td>
                  <strong>{title}</strong>
                </td>
                <td className="number">
                  <Share level={level} definition={definition} language={language} />
                </td>
                <td className="number">{level.offered}</td>
                <td className="number">{level.served}</td>
                <td className="number">{level.served_in_time}</td>
                <td className="number">{level.abandoned}</td>
                <td className="number">{level.mean_wait_s == null ? "–" : t("levels.seconds", { n: Math.round(level.mean_wait_s) })}</td>
                <td className="number">{t("levels.kept", { kept: level.first_response.kept + level.resolution.kept, all: judged(level) })}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="muted levels-note">
          {formula !== undefined && `${sentence(say(formula))} `}
          {t("levels.note", { s: levels.all.within_s })}
          {!levels.all.complete && ` ${t("levels.incomplete")}`}
        </p>
      </div>
    </section>
  );
}

function judged({ first_response, resolution }: Level): number {
  return first_response.kept + first_response.broken + resolution.kept + resolution.broken;
}

/** The share with what it is made of, against the goal where the skill has one. */
function Share({ level, definition, language }: { level: Level; definition: string; language: Language }) {
  const { t } = useWords();
  const found = level.service_levels.find((one) => one.definition === definition);
  if (found?.level == null) return <span className="muted">–</span>;
  const isMet = level.goal_percent == null || found.level * 100 >= level.goal_percent;
  const percent = new Intl.NumberFormat(localeOf(language), { style: "percent", maximumFractionDigits: 0 }).format(found.level);
  return (
    <span className={level.goal_percent == null ? "tag" : isMet ? "tag good" : "tag danger"} title={level.goal_percent == null ? undefined : t("levels.goal", { n: level.goal_percent })}>
      {percent} ({found.counted}/{found.of})
    </span>
  );
}
