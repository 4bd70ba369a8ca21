// Publishing: what would go live, what the check says of it, and why it is published.
import { useState, type FormEvent } from "react";
import { api, type Problem } from "../api/client";
import { freshId } from "../api/fresh";
import { useWords } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice, sentence } from "../ui/Notice";
import { tell } from "../ui/toasts";
import { FateChoice, PIN, type Fate } from "./Fate";
import { Findings } from "./Findings";
import type { Finding } from "./model/types";
import { RuleSaid } from "./PublishingRule";
import { Silence } from "./Silence";
import type { Draft } from "./useDraft";
import { useOccupancy } from "./useOccupancy";

type PublishProps = { readonly draft: Draft; readonly close: () => void; readonly published: () => void; readonly jump: (finding: Finding) => void; readonly jumpTo: (node: string) => void };

export function Publish({ draft, close, published, jump, jumpTo }: PublishProps) {
  const { t } = useWords();
  const [message, setMessage] = useState("");
  const [isLive, setLive] = useState(true);
  const [fate, setFate] = useState<Fate>(PIN);
  const occupancy = useOccupancy(draft.document.id);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const publish = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await draft.save();
    const id = draft.document.id;
    const result = await api.post("/api/v1/flows/{id}/publish", { path: { id }, body: { message, release: isLive, fate: isLive ? fate : PIN }, once: freshId() });
    setBusy(false);
    if (!result.ok) return setProblem(result.problem);
    tell(t("publish.done", { n: result.value.version }));
    published();
  };
  return (
    <Dialog title={t("publish.title")} close={close}>
      <form className="stack" onSubmit={(event) => void publish(event)}>
        {draft.isSound ? (
          <Notice tone="good">{t("publish.sound")}</Notice>
        ) : (
          <Notice tone="warn">{t("publish.unsound")}</Notice>
        )}
        {draft.findings.length > 0 && (
          <Findings
            findings={draft.findings}
            isChecked={draft.isChecked}
            jump={(finding) => {
              close();
              jump(finding);
            }}
          />
        )}
        <Silence
          lifetime={draft.lifetime}
          flow={draft.document.id}
          jump={(node) => {
            close();
            jumpTo(node);
          }}
        />
        <RuleSaid id={draft.document.id} />
        <Field label={t("publish.message")} help={t("publish.message.help")}>
          {(ids) => <input id={ids.control} aria-describedby={ids.help} className="input" autoFocus value={message} onChange={(event) => setMessage(event.target.value)} />}
        </Field>
        <label className="check">
          <input type="checkbox" checked={isLive} onChange={(event) => setLive(event.target.checked)} />
          <span>{t("publish.live")}</span>
        </label>
        {isLive && <FateChoice fate={fate} choose={setFate} occupancy={occupancy} next={draft.document} problem={problem} />}
        {problem && <Notice tone="danger" problem={problem} />}
        {problem && <Untested problem={problem} />}
        <footer>
          <button type="button" className="button" onClick={close}>
            {t("cancel")}
          </button>
          <button className="button primary" disabled={isBusy || !draft.isSound || !draft.isChecked}>
            {t("publish.publish")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** Parts without a test that are named at most. */
const MISSING_MAX = 12;

type Failed = { readonly test: string; readonly failures: readonly { readonly en: string; readonly fr: string }[] };

/** What the publishing rule misses: tests that fail, each with what did not hold, or what no test goes through. */
function Untested({ problem }: { problem: Problem }) {
  const { t, language } = useWords();
  const failed = (problem["tests"] ?? []) as readonly Failed[];
  const missing = Object.values((problem["coverage"] ?? {}) as { readonly [part: string]: { readonly missing?: readonly string[] } }).flatMap((part) => part.missing ?? []);
  if (missing.length > 0) return <p className="refused">{`${t("tests.missed")} ${missing.slice(0, MISSING_MAX).join(", ")}${missing.length > MISSING_MAX ? ", …" : ""}`}</p>;
  if (failed.length === 0) return null;
  return (
    <ul className="refused">
      {failed.map(({ test, failures }) => (
        <li key={test}>
          <strong>{test}</strong>
          {failures.map((failure) => (
            <div key={failure.en}>{sentence(failure[language])}</div>
          ))}
        </li>
      ))}
    </ul>
  );
}
