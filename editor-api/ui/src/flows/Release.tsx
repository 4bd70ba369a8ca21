// Another version goes live: an older one is the way back. What becomes of those in flight is said first.
import { useState, type FormEvent } from "react";
import { api, type Problem } from "../api/client";
import { useWords } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { tell } from "../ui/toasts";
import { FateChoice, PIN, type Fate } from "./Fate";
import type { FlowDocument } from "./model/types";
import { useOccupancy } from "./useOccupancy";

type ReleaseProps = { readonly document: FlowDocument; readonly version: number; readonly close: () => void; readonly released: () => void };

export function Release({ document, version, close, released }: ReleaseProps) {
  const { t } = useWords();
  const { id } = document;
  const [message, setMessage] = useState("");
  const [fate, setFate] = useState<Fate>(PIN);
  const [problem, setProblem] = useState<Problem | null>(null);
  const occupancy = useOccupancy(id);
  const release = async (event: FormEvent) => {
    event.preventDefault();
    const result = await api.post("/api/v1/flows/{id}/release", { path: { id }, body: { live: version, message, fate } });
    if (!result.ok) return setProblem(result.problem);
    tell(t("versions.released", { n: version }));
    released();
  };
  return (
    <Dialog title={t("versions.release.title", { n: version })} close={close}>
      <form className="stack" onSubmit={(event) => void release(event)}>
        <Field label={t("publish.message")} help={t("publish.message.help")}>
          {(ids) => <input id={ids.control} aria-describedby={ids.help} className="input" autoFocus value={message} onChange={(event) => setMessage(event.target.value)} />}
        </Field>
        <FateChoice fate={fate} choose={setFate} occupancy={occupancy} next={document} problem={problem} />
        {problem && <Notice tone="danger" problem={problem} />}
        <footer>
          <button type="button" className="button" onClick={close}>
            {t("cancel")}
          </button>
          <button className="button primary">{t("versions.release")}</button>
        </footer>
      </form>
    </Dialog>
  );
}
