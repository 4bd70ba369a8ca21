// Words at hand: a list above the field where the agent writes. What he picks is put where he was writing, to be changed
// or sent.
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { api } from "../api/client";
import { useLoad } from "../api/useLoad";
import { useWords } from "../i18n";
import { answersFor, type Asked } from "./canned";

type CannedAnswersProps = { readonly asked: Asked; readonly pick: (text: string) => void; readonly close: () => void };

export function CannedAnswers({ asked, pick, close }: CannedAnswersProps) {
  const { t, say } = useWords();
  const [wanted, setWanted] = useState("");
  const host = useRef<HTMLDivElement>(null);
  const all = useLoad(() => api.get("/api/v1/canned-answers", { query: { limit: 500 } }), "canned").value?.items;
  const themes = answersFor(all ?? [], asked, wanted, say);
  const first = themes[0]?.answers[0];
  useEffect(() => {
    const outside = (event: PointerEvent) => event.target instanceof Node && host.current?.contains(event.target) !== true && close();
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [close]);
  return (
    <div
      ref={host}
      className="canned card"
      role="dialog"
      aria-label={t("canned.title")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <div className="canned-search">
        <Search size={14} aria-hidden />
        <input
          className="input"
          type="search"
          autoFocus
          placeholder={t("canned.search")}
          aria-label={t("canned.search")}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            if (first !== undefined) pick(first.text);
          }}
        />
      </div>
      <div className="canned-list">
        {all !== undefined && themes.length === 0 && <p className="muted">{t("canned.none")}</p>}
        {themes.map(({ theme, answers }) => (
          <section key={theme}>
            {theme !== "" && <h3>{theme}</h3>}
            {answers.map((answer) => (
              <button key={answer.id} type="button" onClick={() => pick(answer.text)}>
                <strong>{answer.title}</strong>
                <span className="truncate">{answer.text}</span>
              </button>
            ))}
          </section>
        ))}
      </div>
    </div>
  );
}
