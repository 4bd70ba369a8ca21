// Everything that happened to an interaction, in order; the conversation alone when that is all one wants.
import { useMemo, useState } from "react";
import { api } from "../api/client";
import { useLoad, useSteady } from "../api/useLoad";
import { useReferences } from "../forms/references";
import { localeOf, translate, useWords, type Language, type MessageKey } from "../i18n";
import { Clock } from "../ui/Time";
import { en } from "../i18n/en";

type Fact = { readonly at: string; readonly fact: string } & Readonly<Record<string, unknown>>;
const SAID = new Set(["message_received", "message_sent"]);

export function Timeline({ id, version }: { id: string; version: number }) {
  const { t, language } = useWords();
  const [isAll, setAll] = useState(true);
  const loaded = useLoad(() => api.get("/api/v1/interactions/{id}/timeline", { path: { id } }), `${id} ${version}`);
  const facts = (useSteady(loaded.value)?.items ?? []) as readonly Fact[];
  const labels = useMemo(() => labelsIn(facts), [facts]);
  const { title } = useReferences();
  return (
    <section className="card timeline">
      <header className="row">
        <h2 className="grow">{t("timeline.title")}</h2>
        <label className="check">
          <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.target.checked)} />
          <span>{t("timeline.all")}</span>
        </label>
      </header>
      <ol>
        {facts.map((fact, at) =>
          isAll || SAID.has(fact.fact) ? (
            <li key={at} data-fact={fact.fact}>
              <Clock at={fact.at} seconds />
              <span className="grow">
                <span className={SAID.has(fact.fact) ? "visually-hidden" : ""}>{nameOf(fact.fact, language)}</span>
                <Detail fact={fact} labels={labels} agent={(id) => title("agent", id)} />
              </span>
            </li>
          ) : null,
        )}
      </ol>
    </section>
  );
}

export function nameOf(fact: string, language: Language): string {
  const key = `fact.${fact}`;
  return key in en ? translate(language, key as MessageKey) : fact;
}

const CIRCUMSTANCES = new Set(["at", "fact", "interaction", "turn", "depth"]);

/** What else a fact says, in short; what is as always is left out. */
function detailsOf(fact: Fact): readonly (readonly [string, string])[] {
  return Object.entries(fact).flatMap(([name, value]) => {
    const text = CIRCUMSTANCES.has(name) ? "" : shortOf(value);
    return text === "" ? [] : [[name, text] as const];
  });
}

function shortOf(value: unknown): string {
  if (value === false || value === 0 || value === null) return "";
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? `→ ${new Date(value).toLocaleTimeString(localeOf("fr"))}` : value;
  if (typeof value !== "object") return String(value);
  const members = value as Record<string, unknown>;
  if ("flow" in members && "version" in members) return `${String(members["flow"])}@${String(members["version"])}`;
  if ("skills" in members) return Object.entries(members["skills"] as Record<string, number>).map(([skill, level]) => `${skill} ≤ ${level}`).join(" + ");
  return JSON.stringify(value);
}

/** What a contact taps is told by the words he saw. */
function labelsIn(facts: readonly Fact[]): ReadonlyMap<string, string> {
  const said = facts.flatMap((fact) => (fact.fact === "message_sent" ? [fact["said"] as { options?: readonly { id: string; label: string }[] }] : []));
  return new Map(said.flatMap(({ options = [] }) => options.map(({ id, label }) => [id, label] as const)));
}

type DetailProps = { readonly fact: Fact; readonly labels?: ReadonlyMap<string, string>; readonly agent?: (id: string) => string };

export function Detail({ fact, labels, agent = (id) => id }: DetailProps) {
  const { t } = useWords();
  if (fact.fact === "message_received") {
    const { text, choice } = fact["message"] as { text?: string; choice?: string };
    return <q className="theirs">{text || labels?.get(choice ?? "") || choice}</q>;
  }
  if (fact.fact === "message_sent") {
    const { text, by } = fact["said"] as { text: string; by: "flow" | { agent: string } };
    return (
      <q className={by === "flow" ? "flow" : "own"}>
        {text}
        <small>{by === "flow" ? t("by.flow") : agent(by.agent)}</small>
      </q>
    );
  }
  return (
    <>
      {detailsOf(fact).map(([name, text]) => (
        <code key={name} title={name}>
          {text}
        </code>
      ))}
    </>
  );
}
