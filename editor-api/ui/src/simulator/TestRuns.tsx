// The tests that the flow carries: run them all, see what failed and which exits no test takes.
import { CircleCheck, CircleX, FlaskConical, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type Problem, type Schemas } from "../api/client";
import { coverageOverlay, type Overlay } from "../flows/canvas/overlay";
import type { Draft } from "../flows/useDraft";
import { useWords } from "../i18n";
import { Notice } from "../ui/Notice";

type Tested = Schemas["Tested"];

export function TestRuns({ draft, show }: { draft: Draft; show: (coverage: Overlay) => void }) {
  const { t } = useWords();
  const [tested, setTested] = useState<Tested | null>(null);
  const outcomes = tested?.items;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { document } = draft;
  const tests = document.tests ?? [];
  const run = async () => {
    setBusy(true);
    const result = await api.post("/api/v1/flows/{id}/test", { path: { id: document.id }, body: document });
    setBusy(false);
    setProblem(result.ok ? null : result.problem);
    setTested(result.ok ? result.value : null);
    if (result.ok) show(coverageOverlay(document, result.value.coverage));
  };
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
      {tested !== null && <Coverage coverage={tested.coverage} />}
    </div>
  );
}

/** What the tests went through, of what there is; the canvas draws the same. */
function Coverage({ coverage }: { coverage: Tested["coverage"] }) {
  const { t } = useWords();
  const parts = ["nodes", "exits", "cases", "error_exits"] as const;
  const missed = parts.flatMap((part) => coverage[part].missing);
  return (
    <>
      <h3>{t("tests.coverage", { n: coverage.percent })}</h3>
      {parts
        .filter((part) => coverage[part].total > 0)
        .map((part) => (
          <label key={part} className="coverage">
            <span>{t(`tests.coverage.${part}`, { covered: coverage[part].covered, total: coverage[part].total })}</span>
            <progress value={coverage[part].covered} max={coverage[part].total} />
          </label>
        ))}
      {missed.length > 0 && (
        <p className="muted">
          {t("tests.missed")} {missed.map((place) => <code key={place}>{place} </code>)}
        </p>
      )}
    </>
  );
}
