// A short list of node types where a wire was dropped on the empty canvas: pick one, and it is added and wired.
import { useEffect, useRef, useState } from "react";
import { useWords } from "../i18n";
import type { Kinds } from "./kinds";
import { KindButton, matches } from "./Palette";
import type { Point } from "./model/types";

export function QuickAdd({ kinds, at, pick, close }: { kinds: Kinds; at: Point; pick: (kind: string) => void; close: () => void }) {
  const { t, say } = useWords();
  const [wanted, setWanted] = useState("");
  const ref = useRef<HTMLDivElement>(null);
  const found = [...kinds.values()].filter((kind) => matches(kind, wanted, say));
  useEffect(() => {
    const outside = (event: PointerEvent) => event.target instanceof Node && ref.current?.contains(event.target) !== true && close();
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [close]);
  return (
    <div
      ref={ref}
      className="quick-add card"
      role="dialog"
      aria-label={t("palette.title")}
      style={{ left: Math.min(at.x, innerWidth - 250), top: Math.min(at.y, innerHeight - 330) }}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <input
        className="input"
        type="search"
        autoFocus
        placeholder={t("palette.search")}
        aria-label={t("palette.search")}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && found[0] && pick(found[0].kind)}
      />
      <div>
        {found.map((kind) => (
          <KindButton key={kind.kind} kind={kind} add={pick} />
        ))}
      </div>
    </div>
  );
}
