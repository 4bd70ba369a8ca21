// Flows of another system: its exports are read, the report says what became of every node, what account ids are called
// here is filled in, and what comes of it is saved as drafts. Nothing is saved before.
import { FileInput } from "lucide-react";
import { useState, type FormEvent } from "react";
import { api, type Problem, type Schemas } from "../api/client";
import { navigate } from "../app/router";
import { useReferences } from "../forms/references";
import { useWords } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice, sentence } from "../ui/Notice";
import { tell } from "../ui/toasts";
import "./import.css";

type Answer = Schemas["Answer"];
type Format = Schemas["SourceFormat"];
type Export = Schemas["Export"];
type Bindings = { readonly [kind: string]: { readonly [name: string]: string } };

/** The systems, as they call themselves. */
const FORMATS: readonly (readonly [Format, string])[] = [
  ["connect", "Amazon Connect"],
  ["twilio", "Twilio Studio"],
  ["rapidpro", "RapidPro, TextIt"],
  ["floip", "FLOIP, Turn.io"],
];

export function ImportFlows({ close, saved }: { close: () => void; saved: () => void }) {
  const { t } = useWords();
  const [from, setFrom] = useState<Format>("connect");
  const [files, setFiles] = useState<readonly Export[]>([]);
  const [bindings, setBindings] = useState<Bindings>({});
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const choose = async (list: FileList | null) => {
    setAnswer(null);
    setProblem(null);
    const read = await Promise.all([...(list ?? [])].map(async (file) => ({ name: file.name, value: parsed(await file.text()) })));
    setUnreadable(read.find((one) => one.value === undefined)?.name ?? null);
    setFiles(read.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, export: value as Export["export"] }])));
  };
  const look = async (event: FormEvent) => {
    event.preventDefault();
    const result = await api.post("/api/v1/flows/import", { body: { from, files: [...files], bindings: bindings as never } });
    setProblem(result.ok ? null : result.problem);
    setAnswer(result.ok ? result.value : null);
  };
  const save = async () => {
    const documents = answer?.documents ?? [];
    for (const body of documents) {
      const result = await api.post("/api/v1/flows", { body });
      if (!result.ok) {
        setProblem(result.problem);
        return saved();
      }
    }
    tell(t("import.saved", { n: documents.length }));
    saved();
    close();
    if (documents.length === 1) navigate(`/flows/${documents[0]?.id ?? ""}`);
  };
  return (
    <Dialog title={t("import.title")} close={close} wide>
      <form className="stack" onSubmit={(event) => void look(event)}>
        <div className="import-source">
          <Field label={t("import.from")}>
            {(ids) => (
              <select id={ids.control} className="input" value={from} onChange={(event) => setFrom(event.target.value as Format)}>
                {FORMATS.map(([id, name]) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t("import.files")} help={t("import.files.help")} {...(unreadable === null ? {} : { complaint: t("import.unreadable", { name: unreadable }) })}>
            {(ids) => <input id={ids.control} aria-describedby={ids.help} className="input" type="file" accept=".json,application/json" multiple required onChange={(event) => void choose(event.target.files)} />}
          </Field>
        </div>
        {problem && <Notice tone="danger" problem={problem} />}
        {answer && <Report answer={answer} bindings={bindings} bind={setBindings} />}
        <footer>
          <button type="button" className="button" onClick={close}>
            {t("cancel")}
          </button>
          <button className={answer === null ? "button primary" : "button"} disabled={files.length === 0}>
            <FileInput size={15} aria-hidden />
            {t(answer === null ? "import.read" : "import.again")}
          </button>
          {answer && (
            <button type="button" className="button primary" onClick={() => void save()}>
              {t("import.save", { n: answer.documents.length })}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}

type ReportProps = { readonly answer: Answer; readonly bindings: Bindings; readonly bind: (bindings: Bindings) => void };

function Report({ answer, bindings, bind }: ReportProps) {
  const { t } = useWords();
  return (
    <div className="import-report">
      {answer.report.bindings.length > 0 && (
        <section className="stack">
          <h3>{t("import.bindings")}</h3>
          <p className="muted">{t("import.bindings.text")}</p>
          {answer.report.bindings.map((binding) => (
            <BindingField key={binding.kind + binding.name} binding={binding} value={bindings[binding.kind]?.[binding.name] ?? binding.value ?? ""} set={(value) => bind({ ...bindings, [binding.kind]: { ...bindings[binding.kind], [binding.name]: value } })} />
          ))}
        </section>
      )}
      {answer.report.flows.map((flow) => (
        <FlowReport key={flow.flow} flow={flow} />
      ))}
    </div>
  );
}

type BindingFieldProps = { readonly binding: Schemas["Binding"]; readonly value: string; readonly set: (value: string) => void };

function BindingField({ binding, value, set }: BindingFieldProps) {
  const { t } = useWords();
  const known = useReferences().names(binding.kind);
  return (
    <Field label={`${t(`binding.${binding.kind}`)} ${binding.name}`} help={binding.source}>
      {(ids) => (
        <>
          <input id={ids.control} aria-describedby={ids.help} className="input code" list={`${ids.control}-known`} value={value} onChange={(event) => set(event.target.value)} />
          <datalist id={`${ids.control}-known`}>
            {known.map((one) => (
              <option key={one.id} value={one.id}>
                {one.title}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function FlowReport({ flow }: { flow: Schemas["FlowReport"] }) {
  const { t, language } = useWords();
  return (
    <section className="stack">
      <div className="row wrap">
        <h3>{flow.name || flow.flow}</h3>
        <code className="muted">{flow.flow}</code>
        <span className="tag good">{t("import.native", { n: flow.native })}</span>
        {flow.foreign > 0 && <span className="tag warn">{t("import.foreign", { n: flow.foreign })}</span>}
        {flow.findings.length > 0 && <span className="tag">{t("import.findings", { n: flow.findings.length })}</span>}
      </div>
      <p className="muted">{t("import.counts", { nodes: flow.nodes, edges: flow.edges, unreachable: flow.unreachable })}</p>
      {flow.items.length === 0 ? (
        <p className="tag good">{t("import.lossless")}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>{t("import.type")}</th>
              <th>{t("import.what")}</th>
              <th>{t("import.todo")}</th>
            </tr>
          </thead>
          <tbody>
            {flow.items.map((item, at) => (
              <tr key={at} data-kind={item.kind}>
                <td>
                  <code>{item.source_type}</code>
                  <small className="muted">{item.node}</small>
                </td>
                <td>
                  <span className={item.kind === "foreign" ? "tag warn" : "tag"}>{t(`import.item.${item.kind}`)}</span> {sentence(item.reason[language])}
                </td>
                <td>{sentence(item.hint[language])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
