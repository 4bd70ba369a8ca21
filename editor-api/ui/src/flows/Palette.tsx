// The node types of the server, by group, to be dragged onto the canvas or added with a press.
import { Search } from "lucide-react";
import { useState } from "react";
import { useWords } from "../i18n";
import { KindIcon } from "../ui/KindIcon";
import { DRAGGED_KIND } from "./canvas/Canvas";
import type { Kinds } from "./kinds";
import { CATEGORIES, type Descriptor } from "./model/types";

export function Palette({ kinds, add }: { kinds: Kinds; add: (kind: string) => void }) {
  const { t } = useWords();
  const [wanted, setWanted] = useState("");
  const { say } = useWords();
  const found = [...kinds.values()].filter((kind) => matches(kind, wanted, say));
  return (
    <aside className="palette" aria-label={t("palette.title")}>
      <div className="palette-search">
        <Search size={14} aria-hidden />
        <input className="input" type="search" placeholder={t("palette.search")} aria-label={t("palette.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
      </div>
      <div className="palette-kinds">
        {CATEGORIES.map((category) => {
          const own = found.filter((kind) => kind.category === category);
          if (own.length === 0) return null;
          return (
            <section key={category}>
              <h3>{t(`category.${category}`)}</h3>
              {own.map((kind) => (
                <KindButton key={kind.kind} kind={kind} add={add} />
              ))}
            </section>
          );
        })}
        {found.length === 0 && <p className="muted palette-none">{t("palette.none")}</p>}
      </div>
    </aside>
  );
}

export function KindButton({ kind, add }: { kind: Descriptor; add: (kind: string) => void }) {
  const { say } = useWords();
  return (
    <button
      className="palette-kind"
      data-category={kind.category}
      draggable
      title={purposeOf(say(kind.docs))}
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED_KIND, kind.kind)}
      onClick={() => add(kind.kind)}
    >
      <span className="kind-icon">
        <KindIcon name={kind.icon} size={14} />
      </span>
      <span className="truncate">{say(kind.title)}</span>
    </button>
  );
}

/** The first sentence of a node type's page. */
export function purposeOf(docs: string): string {
  const text = docs.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
  return text.replace(/[`*]/g, "").split(/(?<=\.)\s/)[0] ?? "";
}

export function matches(kind: Descriptor, wanted: string, say: (words: Descriptor["title"]) => string): boolean {
  const fold = (text: string) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const haystack = fold(`${kind.kind} ${say(kind.title)} ${purposeOf(say(kind.docs))}`);
  return fold(wanted).split(/\s+/).every((word) => haystack.includes(word));
}
