// The canvas: nodes are dragged, wired, copied and deleted here. It draws the document and hands every change back to it.
import {
  Background, BackgroundVariant, Controls, MiniMap, ReactFlow, SelectionMode, applyNodeChanges, useReactFlow,
  type Connection, type Edge, type NodeChange, type NodeTypes, type OnConnectEnd,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useCallback, useEffect, useMemo, useRef, useState, type DragEvent } from "react";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../i18n";
import type { Kinds } from "../kinds";
import { connect, disconnect, positionsOf, removeNodes, withPositions } from "../model/edit";
import { arrange, sketchOf } from "../model/place";
import type { Point } from "../model/types";
import type { Draft } from "../useDraft";
import { NodeCard } from "./NodeCard";
import { cardsOf, gravesOf, wiresOf, type CardNode, type Marks, type Trace } from "./graph";
import "./canvas.css";

const TYPES: NodeTypes = { card: NodeCard };

/** A flow with more nodes than this opens where it begins, and draws only what is in sight. */
const LARGE = 150;

/** What the palette puts on the clipboard of a drag. */
export const DRAGGED_KIND = "application/x-routewright-kind";

type CanvasProps = {
  readonly draft: Draft;
  readonly kinds: Kinds;
  readonly trace: Trace;
  readonly crowds: ReadonlyMap<string, number>;
  readonly marks: Marks;
  readonly isReadOnly: boolean;
  readonly selected: readonly string[];
  readonly select: (ids: readonly string[]) => void;
  readonly add: (kind: string, at: Point) => void;
  readonly offer: (from: { node: string; exit: string }, at: Point, screen: Point) => void;
};

export function Canvas({ draft, kinds, trace, crowds, marks, isReadOnly, selected, select, add, offer }: CanvasProps) {
  const { document, edit, findings } = draft;
  const { theme } = usePreferences();
  const { t } = useWords();
  const flow = useReactFlow();
  const graves = useMemo(() => gravesOf(findings), [findings]);
  const [cards, setCards] = useState<CardNode[]>([]);
  const dragging = useRef(false);

  useEffect(() => {
    if (dragging.current) return;
    setCards((before) => {
      const placed = withPlaces(document, kinds);
      const drawn = cardsOf({ document: placed, kinds, graves, trace, crowds, marks }, new Map(before.map((card) => [card.id, card])));
      return drawn.map((card) => (card.selected === selected.includes(card.id) ? card : { ...card, selected: selected.includes(card.id) }));
    });
  }, [document, kinds, graves, trace, crowds, marks, selected]);

  const wires = useMemo(() => wiresOf(document, trace), [document, trace]);

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      setCards((before) => applyNodeChanges(changes, before));
      const picked = changes.filter((one) => one.type === "select");
      if (picked.length > 0) {
        const off = new Set(picked.filter((one) => !one.selected).map((one) => one.id));
        const on = picked.filter((one) => one.selected).map((one) => one.id);
        const next = [...selected.filter((id) => !off.has(id) && !on.includes(id)), ...on];
        if (next.join() !== selected.join()) select(next);
      }
      const moved = changes.filter((one) => one.type === "position");
      dragging.current = moved.some((one) => one.dragging === true);
      const ended = moved.filter((one) => one.dragging === false && one.position !== undefined);
      if (ended.length > 0) {
        const to = Object.fromEntries(ended.map((one) => [one.id, one.position ?? { x: 0, y: 0 }]));
        edit((current) => withPositions(current, to), "move");
      }
    },
    [edit, select, selected],
  );

  const onConnect = useCallback(
    ({ source, sourceHandle, target }: Connection) => {
      if (sourceHandle !== null) edit((current) => connect(current, source, sourceHandle, target), "wire");
    },
    [edit],
  );

  const onConnectEnd = useCallback<OnConnectEnd>(
    (event, state) => {
      if (state.isValid === true || state.toNode !== null || !state.fromNode || !state.fromHandle?.id || !("clientX" in event)) return;
      const screen = { x: event.clientX, y: event.clientY };
      offer({ node: state.fromNode.id, exit: state.fromHandle.id }, flow.screenToFlowPosition(screen), screen);
    },
    [flow, offer],
  );

  const onDelete = useCallback(
    ({ nodes, edges }: { nodes: CardNode[]; edges: Edge[] }) => {
      edit((current) => {
        const without = edges.reduce((next, { source, sourceHandle }) => disconnect(next, source, sourceHandle ?? ""), current);
        return removeNodes(without, nodes.map((node) => node.id));
      }, "delete");
    },
    [edit],
  );

  const isLarge = Object.keys(document.nodes).length > LARGE;

  const onDrop = (event: DragEvent) => {
    const kind = event.dataTransfer.getData(DRAGGED_KIND);
    if (kind === "") return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    add(kind, { x: at.x - 110, y: at.y - 24 });
  };

  return (
    <ReactFlow<CardNode>
      className="canvas"
      nodes={cards}
      edges={wires}
      nodeTypes={TYPES}
      colorMode={theme}
      onNodesChange={onNodesChange}
      onConnect={onConnect}
      onConnectEnd={onConnectEnd}
      onReconnect={(old, next) =>
        edit((current) => {
          const freed = disconnect(current, old.source, old.sourceHandle ?? "");
          return next.sourceHandle === null ? freed : connect(freed, next.source, next.sourceHandle, next.target);
        }, "wire")
      }
      onDelete={onDelete}
      onDrop={onDrop}
      onDragOver={(event) => event.preventDefault()}
      deleteKeyCode={isReadOnly ? null : ["Delete", "Backspace"]}
      nodesDraggable={!isReadOnly}
      nodesConnectable={!isReadOnly}
      selectionMode={SelectionMode.Partial}
      onlyRenderVisibleElements={isLarge}
      minZoom={0.1}
      maxZoom={1.75}
      fitView
      fitViewOptions={isLarge ? { nodes: nearEntry(document), maxZoom: 0.8 } : { maxZoom: 1, padding: 0.12 }}
      proOptions={{ hideAttribution: true }}
      ariaLabelConfig={{ "node.a11yDescription.default": t("canvas.a11y.node"), "edge.a11yDescription.default": t("canvas.a11y.edge") }}
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--dot)" />
      <Controls showInteractive={false} aria-label={t("canvas.controls")} />
      <MiniMap pannable zoomable ariaLabel={t("canvas.minimap")} nodeClassName={(node) => `mini ${(node as CardNode).data.descriptor?.category ?? ""}`} />
    </ReactFlow>
  );
}

/** Where a large flow begins: the entry and the nodes that follow it. */
function nearEntry(document: Draft["document"]): { id: string }[] {
  const next = Object.values(document.nodes[document.entry]?.exits ?? {}).filter((to) => typeof to === "string");
  return [document.entry, ...next].map((id) => ({ id }));
}

/** A flow that was never laid out gets places to look at; they are kept only once somebody moves something. */
function withPlaces(document: Draft["document"], kinds: Kinds): Draft["document"] {
  const positions = positionsOf(document);
  const isPlaced = Object.keys(document.nodes).some((id) => positions[id] !== undefined);
  return isPlaced ? document : withPositions(document, arrange(sketchOf(document, kinds)));
}
