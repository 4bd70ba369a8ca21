// Two authors changed the same parts: each part with what it was, what I made of it and what the other made of it, to be
// chosen one by one. Everything else of both was joined already.
import { useState } from "react";
import { settingTitle } from "../forms/titles";
import { useWords, type Language, type Translate } from "../i18n";
import { Dialog } from "../ui/Dialog";
import type { Disputed } from "./model/merge";
import { short } from "./model/compare";
import type { Conflict, Draft } from "./useDraft";

export function ConflictDialog({ conflict, settle }: { conflict: Conflict; settle: Draft["settle"] }) {
  const { t, language } = useWords();
  const { disputed } = conflict.merge;
  const [theirs, setTheirs] = useState<ReadonlySet<Disputed>>(new Set());
  const take = (part: Disputed, isTheirs: boolean) => setTheirs(new Set(disputed.filter((one) => (one === part ? isTheirs : theirs.has(one)))));
  return (
    <Dialog title={t("conflict.title")} close={() => settle([])} wide>
      <p>{t("conflict.text")}</p>
      <div className="disputes">
        {disputed.map((part) => (
          <fieldset key={part.path.join("/")} className="dispute">
            <legend>{nameOf(part.path, t, language)}</legend>
            <p className="muted">
              {t("conflict.before")} <Value value={part.base} />
            </p>
            {(["mine", "theirs"] as const).map((whose) => (
              <label key={whose} className="check">
                <input type="radio" name={part.path.join("/")} checked={theirs.has(part) === (whose === "theirs")} onChange={() => take(part, whose === "theirs")} />
                <span>
                  {t(`conflict.${whose}`)}: <Value value={part[whose]} />
                </span>
              </label>
            ))}
          </fieldset>
        ))}
      </div>
      <footer>
        <button className="button" onClick={() => settle(disputed)}>
          {t("conflict.all.theirs")}
        </button>
        <button className="button" onClick={() => settle([])}>
          {t("conflict.all.mine")}
        </button>
        <button className="button primary" autoFocus onClick={() => settle([...theirs])}>
          {t("conflict.settle")}
        </button>
      </footer>
    </Dialog>
  );
}

function Value({ value }: { value: unknown }) {
  const { t } = useWords();
  return value === undefined ? <em>{t("conflict.absent")}</em> : <code>{short(value)}</code>;
}

/** What people call a part of a document. */
function nameOf([member = "", id, part, setting]: readonly string[], t: Translate, language: Language): string {
  const titled = (name: string) => settingTitle(name, language) ?? name;
  if (id === undefined) return titled(member);
  if (member === "nodes") return [t("diff.node", { name: id }), setting ?? part].flatMap((name, at) => (name === undefined ? [] : [at === 0 ? name : titled(name)])).join(" · ");
  if (member === "texts") return [t("diff.text", { name: id }), part?.toUpperCase()].filter(Boolean).join(" · ");
  if (member === "attributes") return t("diff.attribute", { name: id });
  if (member === "layout") return t("comment.title");
  return `${titled(member)} · ${id}`;
}
