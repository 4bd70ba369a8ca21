// What the agents of a rehearsal may do now: who has the contact acts on him, and anybody comes and goes.
import { Headset } from "lucide-react";
import { useState, type FormEvent } from "react";
import type { Schemas } from "../api/client";
import type { ScenarioStep } from "../flows/model/types";
import { useWords } from "../i18n";
import { othersIn } from "./reading";
import type { Moment } from "./useRehearsal";

type AgentStepsProps = {
  readonly given: { readonly [agent: string]: Schemas["GivenAgent"] };
  readonly steps: readonly ScenarioStep[];
  readonly dispositions: readonly string[];
  readonly moment: Moment | undefined;
  readonly play: (step: ScenarioStep) => void;
};

export function AgentSteps({ given, steps, dispositions, moment, play }: AgentStepsProps) {
  const { t } = useWords();
  const [disposition, setDisposition] = useState("");
  const [words, setWords] = useState("");
  const state = moment?.interaction?.state;
  const agent = moment?.interaction?.agent;
  if (Object.keys(given).length === 0 || moment === undefined) return null;
  const { inLine, held } = othersIn(moment, agent ?? null);
  const press = (label: string, step: ScenarioStep) => (
    <button key={label} type="button" className="button small" onClick={() => play(step)}>
      {label}
    </button>
  );
  const write = (event: FormEvent) => {
    event.preventDefault();
    if (agent == null) return;
    play({ agent_writes: { agent, text: words.trim() || t("simulator.agent.words") } });
    setWords("");
  };
  return (
    <>
      <div className="row wrap">
        <Headset size={14} className="muted" aria-hidden />
        {Object.entries(given).map(([id, { available }]) => {
          const isThere = isPresent(id, available !== false, steps);
          return press(t(isThere ? "simulator.agent.goes" : "simulator.agent.arrives", { name: id }), isThere ? { agent_goes: id } : { agent_arrives: id });
        })}
      </div>
      {inLine > 0 && <p className="muted">{t("simulator.others", { n: inLine })}</p>}
      {held.map((one) => (
        <div key={`${one.agent} ${one.state}`} className="row wrap">
          <strong>{one.agent}</strong>
          <span className="muted">{t(one.state === "offered" ? "simulator.other.offered" : "simulator.other")}</span>
          {one.state === "offered" && [press(t("desk.accept"), { agent_accepts: one.agent }), press(t("desk.decline"), { agent_declines: one.agent })]}
          {one.state === "active" && press(t("desk.close"), { agent_closes: one.agent })}
          {one.state === "wrap_up" && press(t("desk.finish"), { agent_finishes: { agent: one.agent } })}
        </div>
      ))}
      {agent != null && state !== "ended" && (
        <div className="row wrap">
          <strong>{agent}</strong>
          {state === "offered" && [press(t("desk.accept"), { agent_accepts: agent }), press(t("desk.decline"), { agent_declines: agent })]}
          {state === "active" && (
            <form className="row grow" onSubmit={write}>
              <input className="input small grow" value={words} placeholder={t("simulator.agent.words")} aria-label={t("simulator.agent.write")} onChange={(event) => setWords(event.target.value)} />
              <button className="button small">{t("simulator.agent.writes")}</button>
              {press(t("desk.close"), { agent_closes: agent })}
            </form>
          )}
          {state === "wrap_up" && (
            <>
              <select className="input small" aria-label={t("desk.disposition")} value={disposition} onChange={(event) => setDisposition(event.target.value)}>
                <option value="">{t("form.none")}</option>
                {dispositions.map((id) => (
                  <option key={id}>{id}</option>
                ))}
              </select>
              {press(t("desk.finish"), { agent_finishes: disposition === "" ? { agent } : { agent, disposition } })}
            </>
          )}
        </div>
      )}
    </>
  );
}

/** Whether an agent is there after these steps. */
function isPresent(agent: string, atFirst: boolean, steps: readonly ScenarioStep[]): boolean {
  return steps.reduce((is, step) => ("agent_arrives" in step && step.agent_arrives === agent ? true : "agent_goes" in step && step.agent_goes === agent ? false : is), atFirst);
}
