// Some nodes become a flow of their own: what goes in, what comes back and how it may end are shown before it is done.
import { useState, type FormEvent } from "react";
import { api, type Problem } from "../api/client";
import { useWords } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { tell } from "../ui/toasts";
import { idFrom } from "./model/blank";
import { entriesOf, extract } from "./model/extract";
import type { Draft } from "./useDraft";

type ExtractProps = { readonly draft: Draft; readonly nodes: readonly string[]; readonly close: () => void; readonly select: (ids: readonly string[]) => void };

export function Extract({ draft, nodes, close, select }: ExtractProps) {
  const { t, language } = useWords();
  const [title, setTitle] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const { document } = draft;
  const id = idFrom(title);
  const made = extract(document, nodes, id, { [language]: title });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (made === null) return;
    const result = await api.post("/api/v1/flows", { body: made.flow });
    if (!result.ok) return setProblem(result.problem);
    draft.edit(made.caller, "extract");
    select([made.node]);
    tell(t("extract.done", { name: title }));
    close();
  };
  return (
    <Dialog title={t("extract.title", { n: nodes.length })} close={close}>
      {made === null ? (
        <>
          <Notice tone="warn">{t("extract.entries", { names: entriesOf(document, nodes).join(", ") })}</Notice>
          <footer>
            <button className="button" autoFocus onClick={close}>
              {t("cancel")}
            </button>
          </footer>
        </>
      ) : (
        <form className="stack" onSubmit={(event) => void submit(event)}>
          <p className="muted">{t("extract.lead")}</p>
          <Field label={t("flows.name")}>
            {(ids) => <input id={ids.control} className="input" required autoFocus value={title} onChange={(event) => setTitle(event.target.value)} />}
          </Field>
          <dl className="facts">
            <Names title={t("extract.inputs")} names={made.given} />
            <Names title={t("extract.outputs")} names={made.attributes} />
            <Names title={t("extract.ends")} names={made.ends} />
          </dl>
          {problem && <Notice tone="danger" problem={problem} />}
          <footer>
            <button type="button" className="button" onClick={close}>
              {t("cancel")}
            </button>
            <button className="button primary" disabled={id === "" || id === document.id}>
              {t("extract.do")}
            </button>
          </footer>
        </form>
      )}
    </Dialog>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  const { t } = useWords();
  return (
    <div>
      <dt>{title}</dt>
      <dd>{names.length === 0 ? t("form.none") : names.map((name) => <code key={name}>{name} </code>)}</dd>
    </div>
  );
}
