// The tests that the flow carries: run them all, see what failed and which exits no test takes.
import { CircleCheck, CircleX, FlaskConical, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type Problem, type Schemas } from "../api/client";
import { exitsOf } from "../flows/model/exits";
import type { Draft } from "../flows/useDraft";
import { useKinds } from "../flows/kinds";
import { useWords } from "../i18n";
import { Notice } from "../ui/Notice";

type Outcome = Schemas["Outcome"];

export function TestRuns({ draft }: { draft: Draft }) {
  const { t } = useWords();
  const kinds = useKinds();
  const [outcomes, setOutcomes] = useState<readonly Outcome[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { document } = draft;
  const tests = document.tests ?? [];
  const run = async () => {
    setBusy(true);
    const result = await api.post("/api/v1/flows/{id}/test", { path: { id: document.id }, body: document });
    setBusy(false);
    setProblem(result.ok ? null : result.problem);
    setOutcomes(result.ok ? result.value.items : null);
  };
  const all = Object.entries(document.nodes).flatMap(([id, node]) => exitsOf(node, kinds?.get(node.kind)).filter((exit) => exit.role !== "error").map((exit) => `${id}.${exit.name}`));
  const taken = new Set(outcomes?.flatMap((one) => one.exits));
  const missed = all.filter((exit) => !taken.has(exit));
  return (
    <div className="world">
      <button className="button primary" disabled={tests.length === 0 || isBusy} onClick={() => void run()}>
        <FlaskConical size={15} aria-hidden />
        {t("tests.run", { n: tests.length })}
      </button>
      {tests.length === 0 && <p className="muted">{t("tests.none")}</p>}
      {problem && <Notice tone="danger" problem={problem} />}
      <ul className="items">
        {tests.map((test, at) => {
          const outcome = outcomes?.[at];
          return (
            <li key={test.name + at} className="item">
              {outcome === undefined ? <FlaskConical size={15} aria-hidden /> : outcome.passed ? <CircleCheck size={15} className="is-good" aria-label={t("tests.passed")} /> : <CircleX size={15} className="is-error" aria-label={t("tests.failed")} />}
              <div className="grow">
                <strong>{test.name}</strong>
                {outcome?.failures.map((failure) => (
                  <p key={failure.message} className="is-error">
                    {failure.message}
                  </p>
                ))}
              </div>
              <button
                className="button quiet small icon"
                aria-label={t("form.remove.named", { name: test.name })}
                onClick={() => draft.edit((current) => ({ ...current, tests: (current.tests ?? []).filter((_, i) => i !== at) }), "test")}
              >
                <Trash2 size={13} aria-hidden />
              </button>
            </li>
          );
        })}
      </ul>
      {outcomes !== null && (
        <>
          <h3>{t("tests.coverage", { taken: all.length - missed.length, all: all.length })}</h3>
          <progress className="coverage" value={all.length - missed.length} max={all.length} aria-label={t("tests.coverage", { taken: all.length - missed.length, all: all.length })} />
          {missed.length > 0 && (
            <p className="muted">
              {t("tests.missed")} {missed.map((exit) => <code key={exit}>{exit} </code>)}
            </p>
          )}
        </>
      )}
    </div>
  );
}
