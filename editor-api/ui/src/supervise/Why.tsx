// Why: what keeps a contact from an agent, and why an agent is idle, in the words of the core that decides.
import { CircleHelp } from "lucide-react";
import { useState } from "react";
import { api, type Schemas } from "../api/client";
import { useLoad } from "../api/useLoad";
import { useWords } from "../i18n";
import { Field } from "../ui/Field";
import { Notice, sentence } from "../ui/Notice";
import { complain } from "../ui/toasts";

export function WhyNot({ interaction, version }: { interaction: string; version: number }) {
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
