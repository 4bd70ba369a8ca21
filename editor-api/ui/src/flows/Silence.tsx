// The longest that a contact can be in the flow without a word and without an agent, and the waits that make it up.
import { Hourglass } from "lucide-react";
import type { Schemas } from "../api/client";
import { useWords } from "../i18n";
import { asLength } from "./model/length";

type Lifetime = Schemas["Lifetime"];

/** Waits that are named at most. */
const SHOWN_MAX = 6;

type SilenceProps = { readonly lifetime: Lifetime | null; readonly flow: string; readonly jump: (node: string) => void };

export function Silence({ lifetime, flow, jump }: SilenceProps) {
  const { t } = useWords();
  if (lifetime === null) return null;
  const places = placesOf(lifetime);
  return (
    <p className="silence">
      <Hourglass size={15} aria-hidden />
      <span>
        {lifetime.silence === "at_most" && (lifetime.waits.length === 0 ? t("silence.none") : t("silence.at_most", { length: asLength(lifetime.longest_ms) }))}
        {lifetime.silence === "endless" && t("silence.endless")}
        {lifetime.silence === "unknown" && t("silence.unknown", { names: [...lifetime.flows, ...lifetime.kinds].join(", ") })}
        {places.slice(0, SHOWN_MAX).map(({ flow: own, node, said }, at) => (
          <span key={`${own} ${node} ${at}`}>
            {at === 0 ? " " : ", "}
            {own === flow ? (
              <button className="link" onClick={() => jump(node)}>
                {node}
              </button>
            ) : (
              `${own} · ${node}`
            )}
            {said}
          </span>
        ))}
        {places.length > SHOWN_MAX && ", …"}
      </span>
    </p>
  );
}

function placesOf(lifetime: Lifetime): readonly { readonly flow: string; readonly node: string; readonly said: string }[] {
  if (lifetime.silence === "endless") return lifetime.nodes.map((place) => ({ ...place, said: "" }));
  if (lifetime.silence !== "at_most") return [];
  return lifetime.waits.map(({ flow, node, length_ms, times }) => ({ flow, node, said: times === 1 ? ` (${asLength(length_ms)})` : ` (${times} × ${asLength(length_ms)})` }));
}
