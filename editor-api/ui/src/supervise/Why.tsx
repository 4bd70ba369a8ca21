// Why: what keeps a contact from an agent, and why an agent is idle, in the words of the core that decides.
import { CircleHelp } from "lucide-react";
import { useState } from "react";
import { api, type Problem, type Schemas } from "../api/client";
import { useLoad } from "../api/useLoad";
import { useWords } from "../i18n";
import { Field } from "../ui/Field";
import { Notice, sentence } from "../ui/Notice";
import { complain, tell } from "../ui/toasts";

export function WhyNot({ interaction, version, isWaiting }: { interaction: string; version: number; isWaiting: boolean }) {
  const { t, say } = useWords();
  const [agent, setAgent] = useState("");
  const agents = useLoad(() => api.get("/api/v1/agents", { query: { limit: 500 } }), "agents").value?.items ?? [];
  return (
    <section className="card">
      <Field label={t("why.not")}>
        {(ids) => (
          <select id={ids.control} className="input" value={agent} onChange={(event) => setAgent(event.target.value)}>
            <option value="">{t("form.none")}</option>
            {agents.map((one) => (
              <option key={one.id} value={one.id}>
                {one.settings.name || one.id}
              </option>
            ))}
          </select>
        )}
      </Field>
      {agent !== "" && <Reason key={agent} interaction={interaction} agent={agent} version={version} say={say} />}
      {agent !== "" && isWaiting && <Give key={`give ${agent}`} interaction={interaction} to={agent} agents={agents} />}
    </section>
  );
}

type ReasonProps = { readonly interaction: string; readonly agent: string; readonly version: number; readonly say: (words: { en: string; fr: string }) => string };

function Reason({ interaction, agent, version, say }: ReasonProps) {
  const path = { id: interaction, agent };
  const { value, problem } = useLoad(() => api.get("/api/v1/interactions/{id}/why/{agent}", { path }), `${interaction} ${agent} ${version}`);
  if (problem) return <Notice tone="danger" problem={problem} />;
  return value === undefined ? null : <p className="reason">{sentence(say(value.reason))}</p>;
}

type Agents = readonly { readonly id: string; readonly settings: Schemas["AgentSettings"] }[];
type GiveProps = { readonly interaction: string; readonly to: string; readonly agents: Agents };

/** Gives a waiting contact to an agent; what stands against it is overridden only with a reason, which is kept. */
function Give({ interaction, to, agents }: GiveProps) {
  const { t } = useWords();
  const supervisors = agents.filter((one) => one.settings.supervisor === true);
  const [by, setBy] = useState("");
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const name = agents.find((one) => one.id === to)?.settings.name || to;
  const own = by === "" ? (supervisors[0]?.id ?? "") : by;
  const give = async (force: boolean) => {
    const result = await api.post("/api/v1/interactions/{id}/assign", { path: { id: interaction }, body: { to, as: own, force, reason: reason.trim() === "" ? null : reason.trim() } });
    setProblem(result.ok ? null : result.problem);
    if (result.ok) tell(t("give.done", { name }));
  };
  if (supervisors.length === 0) return <p className="muted">{t("give.nobody")}</p>;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void give(problem !== null);
      }}
    >
      {supervisors.length > 1 && (
        <Field label={t("give.as")}>
          {(ids) => (
            <select id={ids.control} className="input" value={own} onChange={(event) => setBy(event.target.value)}>
              {supervisors.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.settings.name || one.id}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {problem && <Notice tone="danger" problem={problem} />}
      {problem && (
        <Field label={t("give.reason")} help={t("give.reason.help")}>
          {(ids) => <input id={ids.control} aria-describedby={ids.help} className="input" required autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
      )}
      <button className={problem === null ? "button small" : "button small danger"}>{t(problem === null ? "give.to" : "give.anyway", { name })}</button>
    </form>
  );
}

/** A question mark beside an agent; pressed, it says why he takes nothing more. */
export function WhyIdle({ agent }: { agent: string }) {
  const { t, say } = useWords();
  const [told, setTold] = useState<Schemas["IdleExplained"] | null>(null);
  const ask = async () => {
    const result = await api.get("/api/v1/agents/{id}/why", { path: { id: agent } });
    if (result.ok) setTold(result.value);
    else complain(result.problem);
  };
  return (
    <span className="why">
      {told !== null && <span className="reason">{sentence(say(told.reason))}</span>}
      <button className="button quiet small icon" aria-label={t("why.idle")} title={t("why.idle")} onClick={() => (told === null ? void ask() : setTold(null))}>
        <CircleHelp size={14} aria-hidden />
      </button>
    </span>
  );
}
