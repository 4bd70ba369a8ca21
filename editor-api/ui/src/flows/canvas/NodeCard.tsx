// One node on the canvas: what it is, what it says in short, and its exits as named handles.
import { Handle, Position, useStore, type NodeProps } from "@xyflow/react";
import { CornerDownRight, Flag, ShieldAlert, StickyNote } from "lucide-react";
import { memo } from "react";
import { spoken, useWords, type Language, type Words } from "../../i18n";
import { KindIcon } from "../../ui/KindIcon";
import { exitTop, heightOf } from "../model/place";
import type { Json, Target } from "../model/types";
import type { CardData, CardNode } from "./graph";

/** Below this zoom nobody can read an exit: the card is its title and its colour, which keeps large flows smooth. */
const READABLE_ZOOM = 0.34;

export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<CardNode>) {
  const { say, language, t } = useWords();
  const isFar = useStore((state) => state.transform[2] < READABLE_ZOOM);
  const { node, descriptor, exits } = data;
  const kind = say(descriptor?.title) || node.kind;
  const title = node.title == null ? "" : say(node.title as Words);
  const summary = summaryOf(data, language);
  const classes = ["node-card", selected && "selected", data.grave, data.mark, data.isHere && "here"].filter(Boolean).join(" ");
  if (isFar) {
    return (
      <div className={`${classes} far`} data-category={descriptor?.category ?? "structure"} style={{ height: heightOf(exits.length) }}>
        <Handle type="target" id="in" position={Position.Left} className="in" />
        <strong>{title || kind}</strong>
        {exits.map((exit, at) => (
          <Handle key={exit.name} type="source" id={exit.name} position={Position.Right} style={{ top: exitTop(at) }} />
        ))}
      </div>
    );
  }
  return (
    <div className={classes} data-category={descriptor?.category ?? "structure"}>
      {data.isEntry && (
        <span className="entry">
          <Flag size={10} aria-hidden />
          {t("canvas.entry")}
        </span>
      )}
      {data.crowd > 0 && (
        <span className="crowd" title={t("canvas.crowd", { n: data.crowd })} aria-label={t("canvas.crowd", { n: data.crowd })}>
          {data.crowd}
        </span>
      )}
      {data.mark !== null && data.mark in SIGNS && (
        <span className="sign" aria-label={t(`diff.${data.mark as keyof typeof SIGNS}`)}>
          {SIGNS[data.mark as keyof typeof SIGNS]}
        </span>
      )}
      <Handle type="target" id="in" position={Position.Left} className="in" />
      <header>
        <span className="kind-icon">
          <KindIcon name={descriptor?.icon} />
        </span>
        <div className="grow">
          <strong className="truncate">{title || kind}</strong>
          <span className="truncate">{summary || (title ? kind : data.id)}</span>
        </div>
        {data.count > 0 && (
          <span className="count" title={t("canvas.count", { n: data.count })}>
            {data.count}
          </span>
        )}
        {node.note && (
          <span className="note" role="img" aria-label={`${t("inspector.note")}: ${node.note}`} title={node.note}>
            <StickyNote size={14} aria-hidden />
          </span>
        )}
        {data.grave && <ShieldAlert className="grave" size={15} aria-label={t(data.grave === "error" ? "finding.error" : "finding.warning")} />}
      </header>
      <ul>
        {exits.map((exit) => (
          <li key={exit.name} data-role={exit.role} data-wired={exit.target !== undefined} data-mark={exit.mark}>
            {exit.count > 0 && <span className="count">{exit.count}</span>}
            <span className="truncate">{exit.name}</span>
            {exit.target !== undefined && typeof exit.target !== "string" && <Ending target={exit.target} />}
            <Handle type="source" id={exit.name} position={Position.Right} isConnectableStart />
          </li>
        ))}
      </ul>
    </div>
  );
});

/** Changes are told by a sign too, not by colour alone. */
const SIGNS = { added: "+", removed: "−", changed: "~" } as const;

function Ending({ target }: { target: Exclude<Target, string> }) {
  const name = "end" in target ? target.end : target.handler;
  return (
    <span className="ending truncate" title={name}>
      <CornerDownRight size={10} aria-hidden />
      {name}
    </span>
  );
}

/** The first words of what the node says, or the first thing it names. */
function summaryOf({ node, texts }: CardData, language: Language): string {
  const config = (node.config ?? {}) as { readonly [name: string]: Json };
  const said = config["text"] ?? config["intro"] ?? config["thanks"];
  if (typeof said === "string") return said.startsWith("@") ? spoken(texts?.[said.slice(1)] as Words | undefined, language) : said;
  if (typeof said === "object" && said !== null && !Array.isArray(said)) return spoken(said as Words, language);
  const skills = config["skills"];
  if (typeof skills === "object" && skills !== null && !Array.isArray(skills)) return Object.keys(skills).join(", ");
  const named = ["flow", "calendar", "questionnaire", "disposition", "for"].map((name) => config[name]).find((value) => typeof value === "string");
  return typeof named === "string" ? named : "";
}
