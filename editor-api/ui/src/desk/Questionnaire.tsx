// The questionnaire that the profile gives the operator (DYD-23): a field for each question. What he typed is kept until the
// record is closed, so a reload loses none of it.
import { useLoad } from "../api/useLoad";
import { api } from "../api/client";
import { useWords, type Words } from "../i18n";
import { Field } from "../ui/Field";
import type { Question, Typed } from "./answers";

/** The questionnaire that the profile names; undefined while it is read, and where it names none. */
export function useQuestionnaire(id: string | undefined): readonly Question[] | undefined {
  const load = () => (id === undefined ? Promise.resolve({ ok: true as const, value: undefined, etag: null }) : api.get("/api/v1/questionnaires/{id}", { path: { id } }));
  return useLoad(load, `questionnaire ${id ?? ""}`).value?.settings.questions;
}

type QuestionsProps = { readonly questions: readonly Question[]; readonly typed: Typed; readonly change: (typed: Typed) => void };

export function Questions({ questions, typed, change }: QuestionsProps) {
  const { say, t } = useWords();
  return questions.map((question) => (
    <Field key={question.id} label={`${say(question.text as Words)}${question.required === false ? ` (${t("record.optional")})` : ""}`}>
      {(ids) => <Answer id={ids.control} question={question} value={typed[question.id] ?? ""} set={(value) => change({ ...typed, [question.id]: value })} />}
    </Field>
  ));
}

const INPUTS = { integer: "number", number: "number", date: "date", email: "email", phone: "tel" } as const;

function Answer({ id, question, value, set }: { id: string; question: Question; value: string; set: (value: string) => void }) {
  const { t, say } = useWords();
  const { answer } = question;
  const isRequired = question.required !== false;
  const choices = answer.type === "choice" ? answer.options.map((one) => [one.id, say(one.label as Words) || one.id] as const) : answer.type === "scale" ? scaleOf(answer).map((n) => [n, n] as const) : answer.type === "yes_no" ? [["true", t("yes")] as const, ["false", t("no")] as const] : null;
  if (choices !== null) {
    return (
      <select id={id} className="input" required={isRequired} value={value} onChange={(event) => set(event.target.value)}>
        <option value="">{t("form.none")}</option>
        {choices.map(([one, label]) => (
          <option key={one} value={one}>
            {label}
          </option>
        ))}
      </select>
    );
  }
  if (answer.type === "text" || answer.type === "choice" || answer.type === "scale" || answer.type === "yes_no") {
    return <textarea id={id} className="input" required={isRequired} value={value} onChange={(event) => set(event.target.value)} />;
  }
  const bounds = "min" in answer ? { min: answer.min ?? undefined, max: answer.max ?? undefined } : {};
  return <input id={id} className="input" type={INPUTS[answer.type]} step={answer.type === "number" ? "any" : undefined} {...bounds} required={isRequired} value={value} onChange={(event) => set(event.target.value)} />;
}

function scaleOf({ min, max }: { readonly min: number; readonly max: number }): readonly string[] {
  return Array.from({ length: Math.min(101, Math.max(0, max - min + 1)) }, (_, at) => String(min + at));
}
