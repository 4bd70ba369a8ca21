// Questions in passing: is he sure, what should it be called. Asked in a dialog of ours, answered as a promise.
import { useState, useSyncExternalStore, type FormEvent } from "react";
import { useWords } from "../i18n";
import { Dialog } from "./Dialog";
import { Field } from "./Field";

type Question = { readonly title: string; readonly text: string | null; readonly yes: string; readonly answer: (given: string | null) => void };

const listeners = new Set<() => void>();
let asked: Question | null = null;

function put(question: Question | null): void {
  asked = question;
  listeners.forEach((listener) => listener());
}

/** True when the answer is yes. */
export function askWhether(title: string, yes: string): Promise<boolean> {
  return new Promise((resolve) => put({ title, text: null, yes, answer: (given) => resolve(given !== null) }));
}

/** A text, or null when he thought better of it. */
export function askFor(title: string, suggestion: string, yes: string): Promise<string | null> {
  return new Promise((resolve) => put({ title, text: suggestion, yes, answer: resolve }));
}

export function Asker() {
  const question = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
  return question === null ? null : <Asked question={question} key={question.title} />;
}

function Asked({ question }: { question: Question }) {
  const { t } = useWords();
  const [text, setText] = useState(question.text ?? "");
  const settle = (given: string | null) => {
    put(null);
    question.answer(given);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    settle(text.trim());
  };
  return (
    <Dialog title={question.title} close={() => settle(null)}>
      <form className="stack" onSubmit={submit}>
        {question.text !== null && (
          <Field label={t("ask.name")}>{(ids) => <input id={ids.control} className="input" autoFocus required value={text} onChange={(event) => setText(event.target.value)} />}</Field>
        )}
        <footer>
          <button type="button" className="button" onClick={() => settle(null)}>
            {t("cancel")}
          </button>
          <button className="button primary" autoFocus={question.text === null}>
            {question.yes}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
