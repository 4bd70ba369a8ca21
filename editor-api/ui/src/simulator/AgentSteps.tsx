// What the agents of a rehearsal may do now.
import { Headset } from "lucide-react";
import { useState } from "react";
import type { ScenarioStep } from "../flows/model/types";
import { useWords } from "../i18n";
import type { Moment } from "./useRehearsal";

type AgentStepsProps = { readonly agents: readonly string[]; readonly dispositions: readonly string[]; readonly moment: Moment | undefined; readonly play: (step: ScenarioStep) => void };

export function AgentSteps({ agents, dispositions, moment, play }: AgentStepsProps) {
  const { t } = useWords();
  const [disposition, setDisposition] = useState("");
  const state = moment?.interaction?.state;
  const agent = moment?.interaction?.agent;
  if (agents.length === 0 || moment === undefined) return null;
  const press = (label: string, step: ScenarioStep) => (
    <button className="button small" onClick={() => play(step)}>
      {label}
    </button>
  );
  return (
    <div className="row wrap">
      <Headset size={14} className="muted" aria-hidden />
      <span className="muted">{agent ?? t("simulator.nobody")}</span>
      {agent != null && state === "offered" && (
        <>
          {press(t("desk.accept"), { agent_accepts: agent })}
          {press(t("desk.decline"), { agent_declines: agent })}
        </>
      )}
      {agent != null && state === "active" && (
        <>
          {press(t("simulator.agent.writes"), { agent_writes: { agent, text: t("simulator.agent.words") } })}
          {press(t("desk.close"), { agent_closes: agent })}
        </>
      )}
      {agent != null && state === "wrap_up" && (
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
  );
}
