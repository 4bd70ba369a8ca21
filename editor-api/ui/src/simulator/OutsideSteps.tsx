// A call to another system that is on its way: what it answers is said here, as a test would say it.
import { Globe } from "lucide-react";
import { useState } from "react";
import type { Json, ScenarioStep } from "../flows/model/types";
import { useWords } from "../i18n";
import type { ReplayFact } from "../flows/replay";
import { pendingCall } from "./reading";

export function OutsideSteps({ facts, play }: { facts: readonly ReplayFact[]; play: (step: ScenarioStep) => void }) {
  const { t } = useWords();
  const [status, setStatus] = useState(200);
  const [body, setBody] = useState("");
  const target = pendingCall(facts);
  if (target === null) return null;
  return (
    <div className="outside">
      <p className="row">
        <Globe size={14} className="muted" aria-hidden />
        <span className="grow truncate">{t("simulator.outside", { target })}</span>
      </p>
      <div className="row">
        <input className="input small-number" type="number" min={100} max={599} aria-label={t("simulator.outside.status")} value={status} onChange={(event) => setStatus(Number(event.target.value))} />
        <input className="input code" aria-label={t("simulator.outside.body")} placeholder={t("simulator.outside.body")} value={body} onChange={(event) => setBody(event.target.value)} />
        <button className="button small" onClick={() => play({ outside_answers: { status, body: asJson(body) } })}>
          {t("simulator.outside.answers")}
        </button>
        <button className="button small" onClick={() => play({ outside_fails: "timeout" })}>
          {t("simulator.outside.fails")}
        </button>
      </div>
    </div>
  );
}

/** JSON when it is, else the text itself. */
function asJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
