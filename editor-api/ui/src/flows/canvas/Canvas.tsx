// The canvas: it draws a document with an overlay. For authors, nodes are dragged, wired, copied and deleted here, and
// every change is handed back; for readers it only shows.
import {
  Background, BackgroundVariant, Controls, MiniMap, ReactFlow, SelectionMode, applyNodeChanges, useReactFlow,
  type Connection, type Edge, type NodeChange, type NodeTypes, type OnConnectEnd, type Viewport,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useCallback, useEffect, useMemo, useRef, useState, type DragEvent } from "react";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../i18n";
import type { Kinds } from "../kinds";
import { changeComment, removeComments, type Comment } from "../model/comments";
import { connect, disconnect, positionsOf, removeNodes, withPositions } from "../model/edit";
import { NODE_WIDTH, arrange, heightOf, sketchOf } from "../model/place";
import type { Finding, FlowDocument, Point } from "../model/types";
import type { Draft } from "../useDraft";
import { CommentCard } from "./CommentCard";
import { NodeCard } from "./NodeCard";
import { NO_CROWDS, cardsOf, commentIn, gravesOf, notesOf, wiresOf, type CardNode, type Crowds, type Drawn } from "./graph";
import { NO_OVERLAY, type Overlay } from "./overlay";
import "./canvas.css";

const TYPES: NodeTypes = { card: NodeCard, comment: CommentCard };

/** A flow with more nodes than this draws only what is in sight. */
const LARGE = 150;

/** A flow is first shown whole, unless its cards could not be read then: it opens where it begins. */
const READABLE_ZOOM = 0.55;
const MARGIN = 48;

/** What the palette puts on the clipboard of a drag. */
export const DRAGGED_KIND = "application/x-routewright-kind";

/** What an author's canvas hands back. */
export type Authoring = {
  readonly edit: Draft["edit"];
  readonly add: (kind: string, at: Point) => void;
  readonly offer: (from: { node: string; exit: string }, at: Point, screen: Point) => void;
};

type CanvasProps = {
  readonly document: FlowDocument;
  readonly kinds: Kinds;
  readonly findings?: readonly Finding[];
  readonly overlay?: Overlay;
  readonly crowds?: Crowds;
  /** A node that is kept in sight. */
  readonly follow?: string | null;
  readonly selected: readonly string[];
  readonly select: (ids: readonly string[]) => void;
  /** None for those who only read. */
  readonly authoring: Authoring | null;
};

const NO_FINDINGS: readonly Finding[] = [];

export function Canvas({ document, kinds, findings = NO_FINDINGS, overlay = NO_OVERLAY, crowds = NO_CROWDS, follow = null, selected, select, authoring }: CanvasProps) {
  const { theme } = usePreferences();
  const { t } = useWords();
  const flow = useReactFlow();
  const graves = useMemo(() => gravesOf(findings), [findings]);
  const [cards, setCards] = useState<Drawn[]>([]);
  const dragging = useRef(false);
  const host = useRef<HTMLDivElement>(null);
  const { before } = overlay;
  const placed = useMemo(() => withPlaces(document, kinds, before), [document, kinds, before]);

  const comment = useMemo(() => {
    if (authoring === null) return null;
    return (id: string, change: Partial<Comment>, topic: string) => authoring.edit((current) => changeComment(current, id, change), topic);
  }, [authoring]);
  useEffect(() => {
    if (dragging.current) return;
    setCards((before) => {
      const earlier = new Map(before.flatMap((card) => (card.type === "card" ? [[card.id, card] as const] : [])));
      const drawn: Drawn[] = [...notesOf(placed, comment), ...cardsOf({ document: placed, kinds, graves, overlay, crowds }, earlier)];
      return drawn.map((card) => (card.selected === selected.includes(card.id) ? card : { ...card, selected: selected.includes(card.id) }));
    });
  }, [placed, kinds, graves, overlay, crowds, selected, comment]);

  const [isReady, setReady] = useState(false);
  useEffect(() => {
    const at = follow === null ? undefined : positionsOf(placed)[follow];
    if (at !== undefined && isReady) void flow.setCenter(at.x + NODE_WIDTH / 2, at.y + heightOf(2) / 2, { zoom: Math.max(flow.getZoom(), READABLE_ZOOM), duration: 250 });
  }, [flow, follow, placed, isReady]);

  const wires = useMemo(() => wiresOf(document, overlay), [document, overlay]);

  const onNodesChange = useCallback(
    (changes: NodeChange<Drawn>[]) => {
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
        const to = ended.map((one) => [one.id, one.position ?? { x: 0, y: 0 }] as const);
        const nodes = to.filter(([id]) => commentIn(id) === null);
        authoring?.edit((current) => to.reduce((next, [id, at]) => changeComment(next, commentIn(id) ?? "", at), nodes.length === 0 ? current : withPositions(current, Object.fromEntries(nodes))), "move");
      }
    },
    [authoring, select, selected],
  );

  const onConnect = useCallback(
    ({ source, sourceHandle, target }: Connection) => {
      if (sourceHandle !== null) authoring?.edit((current) => connect(current, source, sourceHandle, target), "wire");
    },
    [authoring],
  );

  const onConnectEnd = useCallback<OnConnectEnd>(
    (event, state) => {
      if (state.isValid === true || state.toNode !== null || !state.fromNode || !state.fromHandle?.id || !("clientX" in event)) return;
      const screen = { x: event.clientX, y: event.clientY };
      authoring?.offer({ node: state.fromNode.id, exit: state.fromHandle.id }, flow.screenToFlowPosition(screen), screen);
    },
    [flow, authoring],
  );

  const onDelete = useCallback(
    ({ nodes, edges }: { nodes: Drawn[]; edges: Edge[] }) => {
      authoring?.edit((current) => {
        const without = edges.reduce((next, { source, sourceHandle }) => disconnect(next, source, sourceHandle ?? ""), current);
        const comments = nodes.flatMap((node) => commentIn(node.id) ?? []);
        const ids = nodes.flatMap((node) => (commentIn(node.id) === null ? [node.id] : []));
        return removeComments(ids.length === 0 ? without : removeNodes(without, ids), comments);
      }, "delete");
    },
    [authoring],
  );

  const onDrop = (event: DragEvent) => {
    const kind = event.dataTransfer.getData(DRAGGED_KIND);
    if (kind === "") return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    authoring?.add(kind, { x: at.x - 110, y: at.y - 24 });
  };

  return (
    <ReactFlow<Drawn>
      ref={host}
      className="canvas"
      nodes={cards}
      edges={wires}
      nodeTypes={TYPES}
      colorMode={theme}
      onInit={(instance) => {
        if (host.current !== null) void instance.setViewport(firstView(placed, kinds, host.current)).then(() => setReady(true));
      }}
      onNodesChange={onNodesChange}
      onConnect={onConnect}
      onConnectEnd={onConnectEnd}
      onReconnect={(old, next) =>
        authoring?.edit((current) => {
          const freed = disconnect(current, old.source, old.sourceHandle ?? "");
          return next.sourceHandle === null ? freed : connect(freed, next.source, next.sourceHandle, next.target);
        }, "wire")
      }
      onDelete={onDelete}
      onDrop={onDrop}
      onDragOver={(event) => event.preventDefault()}
      deleteKeyCode={authoring === null ? null : ["Delete", "Backspace"]}
      nodesDraggable={authoring !== null}
      nodesConnectable={authoring !== null}
      selectionMode={SelectionMode.Partial}
      onlyRenderVisibleElements={Object.keys(document.nodes).length > LARGE}
      minZoom={0.1}
      maxZoom={1.75}
      proOptions={{ hideAttribution: true }}
      ariaLabelConfig={{ "node.a11yDescription.default": t("canvas.a11y.node"), "edge.a11yDescription.default": t("canvas.a11y.edge") }}
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--dot)" />
      <Controls showInteractive={false} aria-label={t("canvas.controls")} />
      <MiniMap pannable zoomable ariaLabel={t("canvas.minimap")} nodeClassName={(node) => `mini ${node.type === "comment" ? "comment" : ((node as CardNode).data.descriptor?.category ?? "")}`} />
    </ReactFlow>
  );
}

/** What is first seen of a flow: all of it where that can be read, else its beginning. */
function firstView(document: FlowDocument, kinds: Kinds, { clientWidth, clientHeight }: HTMLElement): Viewport {
  const boxes = sketchOf(document, kinds).nodes.flatMap(({ id, height }) => {
    const at = positionsOf(document)[id];
    return at === undefined ? [] : [{ id, left: at.x, top: at.y, right: at.x + NODE_WIDTH, bottom: at.y + height }];
  });
  const first = boxes[0];
  if (first === undefined) return { x: 0, y: 0, zoom: 1 };
  const bound = boxes.reduce((all, box) => ({
    id: first.id,
    left: Math.min(all.left, box.left),
    top: Math.min(all.top, box.top),
    right: Math.max(all.right, box.right),
    bottom: Math.max(all.bottom, box.bottom),
  }));
  const whole = Math.min((clientWidth - 2 * MARGIN) / (bound.right - bound.left), (clientHeight - 2 * MARGIN) / (bound.bottom - bound.top), 1);
  if (whole >= READABLE_ZOOM) {
    return {
      zoom: whole,
      x: (clientWidth - (bound.right + bound.left) * whole) / 2,
      y: (clientHeight - (bound.bottom + bound.top) * whole) / 2,
    };
  }
  // Boxes come with the entry first. A flow that is only too wide still shows its whole height.
  const zoom = Math.min(Math.max(READABLE_ZOOM, (clientHeight - 2 * MARGIN) / (bound.bottom - bound.top)), 0.85);
  const isHigh = (bound.bottom - bound.top) * zoom > clientHeight - MARGIN;
  const middle = isHigh ? first.top + heightOf(2) / 2 : (bound.top + bound.bottom) / 2;
  return { zoom, x: MARGIN - first.left * zoom, y: clientHeight / 2 - middle * zoom };
}

/** A flow that was never laid out gets places to look at; they are kept only once somebody moves something. */
function withPlaces(document: FlowDocument, kinds: Kinds, before: FlowDocument | null): FlowDocument {
  const positions = positionsOf(document);
  const isPlaced = Object.keys(document.nodes).some((id) => positions[id] !== undefined);
  if (isPlaced) return document;
  // What is gone is drawn too, so it takes a place among the others.
  const all = before === null ? document : { ...document, nodes: { ...before.nodes, ...document.nodes } };
  return withPositions(document, arrange(sketchOf(all, kinds)));
}
