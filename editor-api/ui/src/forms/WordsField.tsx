// A text in both of our languages, one under the other.
import { useId, type ReactNode } from "react";
import { useWords, type Words } from "../i18n";

type WordsFieldProps = {
  readonly value: Words;
  readonly change: (words: Words | undefined) => void;
  readonly label: ReactNode;
  readonly help?: string;
  readonly complaint?: string | undefined;
  readonly isLong?: boolean;
};

export function WordsField({ value, change, label, help, complaint, isLong }: WordsFieldProps) {
  const { language, t } = useWords();
  const id = useId();
  const own = language === "fr" ? ["fr", "en"] : ["en", "fr"];
  const languages = [...own, ...Object.keys(value).filter((tag) => !own.includes(tag))];
  const set = (tag: string, text: string) => {
    const rest = Object.fromEntries(Object.entries(value).filter(([other]) => other !== tag));
    const next = text === "" ? rest : { ...rest, [tag]: text };
    change(Object.keys(next).length === 0 ? undefined : next);
  };
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span className="label" id={id}>
        {label}
      </span>
      {languages.map((tag) => (
        <div className="language-row" key={tag}>
          <span className="language-tag" aria-hidden>
            {tag}
          </span>
          {isLong === true ? (
            <textarea className="input" lang={tag} aria-label={t("form.in", { language: tag })} rows={2} value={value[tag] ?? ""} onChange={(event) => set(tag, event.target.value)} />
          ) : (
            <input className="input" lang={tag} aria-label={t("form.in", { language: tag })} value={value[tag] ?? ""} onChange={(event) => set(tag, event.target.value)} />
          )}
        </div>
      ))}
      {complaint && <p className="complaint">{complaint}</p>}
      {help && <p className="help">{help}</p>}
    </div>
  );
}
