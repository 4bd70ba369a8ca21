// One flow at work: canvas, text, texts and versions of the same draft, with what the check says of it always in sight.
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { Activity, AlignStartHorizontal, AlignStartVertical, CircleAlert, CircleCheck, Group, LayoutGrid, Play, Redo2, Rocket, StickyNote, TriangleAlert, Undo2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { powers, useSession } from "../app/session";
import { useWords, type MessageKey, type Words } from "../i18n";
import { Simulator } from "../simulator/Simulator";
import { Notice } from "../ui/Notice";
import { Canvas, type Authoring } from "./canvas/Canvas";
import { drawnComment } from "./canvas/graph";
import { NO_OVERLAY, type Overlay } from "./canvas/overlay";
import { ConflictDialog } from "./ConflictDialog";
import { Extract } from "./Extract";
import { Findings } from "./Findings";
import { Inspector } from "./Inspector";
import { JsonView } from "./JsonView";
import { Palette } from "./Palette";
import { Publish } from "./Publish";
import { QuickAdd } from "./QuickAdd";
import { Silence } from "./Silence";
import { Texts } from "./Texts";
import { Versions } from "./Versions";
import { useKinds, type Kinds } from "./kinds";
import { addComment } from "./model/comments";
import { addNode, alignNodes, connect, copyNodes, pasteNodes, positionsOf, withPositions, type Clip } from "./model/edit";
import { layOut } from "./model/layout";
import { sketchOf } from "./model/place";
import type { Finding, JsonObject, Point } from "./model/types";
import { useDraft, type Draft } from "./useDraft";
import { useCrowds, useOccupancy, useTraffic } from "./useOccupancy";
import "./editor.css";

export default function Editor({ id }: { id: string }) {
  const { session } = useSession();
  const kinds = useKinds();
  const isReadOnly = !powers(session).author;
  const { draft, problem } = useDraft(id, !isReadOnly);
  if (problem) {
    return (
      <div className="page">
        <Notice tone="danger" problem={problem} />
      </div>
    );
  }
  if (draft === null || kinds === undefined) return null;
  return (
    <ReactFlowProvider>
      <Workbench draft={draft} kinds={kinds} isReadOnly={isReadOnly} />
    </ReactFlowProvider>
  );
}

const VIEWS = ["canvas", "json", "texts", "versions"] as const;
type View = (typeof VIEWS)[number];
type Offer = { readonly from: { node: string; exit: string }; readonly at: Point; readonly screen: Point };

function Workbench({ draft, kinds, isReadOnly }: { draft: Draft; kinds: Kinds; isReadOnly: boolean }) {
  const { t, say } = useWords();
  const flow = useReactFlow();
  const { document, edit } = draft;
  const occupancy = useOccupancy(document.id);
  const crowds = useCrowds(occupancy);
  const traffic = useTraffic(occupancy);
  const [hasTraffic, setTraffic] = useState(false);
  const [view, setView] = useState<View>("canvas");
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [overlay, setOverlay] = useState<Overlay>(NO_OVERLAY);
  const [side, setSide] = useState<"inspector" | "simulator">("inspector");
  const [isPublishing, setPublishing] = useState(false);
  const [isExtracting, setExtracting] = useState(false);
  const [hasFindings, setFindings] = useState(false);
  const [offer, setOffer] = useState<Offer | null>(null);
  const [releases, setReleases] = useState(0);

  const exampleOf = useCallback((kind: string): JsonObject => kinds.get(kind)?.examples.find((one) => one.valid)?.config ?? {}, [kinds]);
  const addAt = useCallback(
    (kind: string, at: Point) => {
      const [next, added] = addNode(document, kind, exampleOf(kind), at);
      edit(next, `add ${added}`);
      setSelected([added]);
      return [next, added] as const;
    },
    [document, edit, exampleOf],
  );
  const authoring = useMemo<Authoring | null>(() => (isReadOnly ? null : { edit, add: addAt, offer: (from, at, screen) => setOffer({ from, at, screen }) }), [isReadOnly, edit, addAt]);
  const middle = () => {
    const frame = globalThis.document.querySelector(".canvas")?.getBoundingClientRect();
    return flow.screenToFlowPosition({ x: (frame?.left ?? 0) + (frame?.width ?? 600) / 2, y: (frame?.top ?? 0) + (frame?.height ?? 400) / 2 });
  };
  const comment = () => {
    const { x, y } = middle();
    const [next, added] = addComment(document, freePlace(document, { x: x - 110, y: y - 55 }));
    edit(next, "comment");
    setSelected([drawnComment(added)]);
  };
  const chosen = selected.filter((id) => document.nodes[id] !== undefined);
  const addInView = (kind: string) => {
    const centre = middle();
    const beside = positionsOf(document)[selected[0] ?? ""];
    addAt(kind, freePlace(document, beside === undefined ? { x: centre.x - 118, y: centre.y - 50 } : { x: beside.x + 290, y: beside.y }));
    afterDrawing(() => void flow.fitView({ duration: 200, maxZoom: Math.max(0.6, flow.getZoom()) }));
  };
  const addWired = (kind: string) => {
    if (offer === null) return;
    const [next, added] = addAt(kind, { x: offer.at.x, y: offer.at.y - 27 });
    edit(connect(next, offer.from.node, offer.from.exit, added), `add ${added}`);
    setOffer(null);
  };
  const jumpTo = useCallback(
    (node: string) => {
      setView("canvas");
      setSide("inspector");
      setSelected([node]);
      void flow.fitView({ nodes: [{ id: node }], maxZoom: 1.1, duration: 250 });
    },
    [flow],
  );
  const jump = useCallback((finding: Finding) => (finding.node == null ? setView("json") : jumpTo(finding.node)), [jumpTo]);
  const arrangeAll = async () => {
    const places = await layOut(sketchOf(document, kinds));
    edit((current) => withPositions(current, places), "layout");
    afterDrawing(() => void flow.fitView({ duration: 250, maxZoom: 1 }));
  };
  useKeys(draft, selected, setSelected, isReadOnly || view !== "canvas");

  const errors = draft.findings.filter((finding) => finding.severity === "error").length;
  const warnings = draft.findings.length - errors;
  return (
    <div className="editor">
      <div className="editor-bar">
        <h1 className="truncate">{say(document.title as Words) || document.id}</h1>
        <SavingState draft={draft} isReadOnly={isReadOnly} />
        <div className="tabs" role="tablist" aria-label={t("editor.views")}>
          {VIEWS.map((one) => (
            <button key={one} role="tab" aria-selected={view === one} onClick={() => setView(one)}>
              {t(`editor.view.${one}` as MessageKey)}
            </button>
          ))}
        </div>
        <div className="grow" />
        {!isReadOnly && (
          <>
            <IconButton label={t("editor.undo")} disabled={!draft.canUndo} press={draft.undo} icon={<Undo2 size={15} aria-hidden />} />
            <IconButton label={t("editor.redo")} disabled={!draft.canRedo} press={draft.redo} icon={<Redo2 size={15} aria-hidden />} />
            {chosen.length > 1 && (
              <>
                <IconButton label={t("editor.align.column")} press={() => edit((current) => alignNodes(current, chosen, "column"), "align")} icon={<AlignStartVertical size={15} aria-hidden />} />
                <IconButton label={t("editor.align.row")} press={() => edit((current) => alignNodes(current, chosen, "row"), "align")} icon={<AlignStartHorizontal size={15} aria-hidden />} />
                <IconButton label={t("extract.action")} press={() => setExtracting(true)} icon={<Group size={15} aria-hidden />} />
              </>
            )}
            <IconButton label={t("comment.add")} disabled={view !== "canvas"} press={comment} icon={<StickyNote size={15} aria-hidden />} />
            <IconButton label={t("editor.layout")} press={() => void arrangeAll()} icon={<LayoutGrid size={15} aria-hidden />} />
          </>
        )}
        <button className="button quiet small icon" aria-pressed={hasTraffic} aria-label={t("editor.traffic")} title={t("editor.traffic")} onClick={() => setTraffic(!hasTraffic)}>
          <Activity size={15} aria-hidden />
        </button>
        <button className="button quiet small" aria-expanded={hasFindings} onClick={() => setFindings(!hasFindings)}>
          {errors > 0 ? <CircleAlert size={15} className="is-error" aria-hidden /> : warnings > 0 ? <TriangleAlert size={15} className="is-warning" aria-hidden /> : <CircleCheck size={15} className={draft.isChecked ? "is-good" : "muted"} aria-hidden />}
          {draft.findings.length > 0 ? t("findings.count", { n: draft.findings.length }) : t(draft.isChecked ? "findings.sound" : "findings.checking")}
        </button>
        <button className="button small" aria-pressed={side === "simulator"} onClick={() => setSide(side === "simulator" ? "inspector" : "simulator")}>
          <Play size={14} aria-hidden />
          {t("editor.simulate")}
        </button>
        {!isReadOnly && (
          <button className="button primary small" onClick={() => setPublishing(true)}>
            <Rocket size={14} aria-hidden />
            {t("editor.publish")}
          </button>
        )}
      </div>
      <div className="editor-body" data-view={view}>
        {view === "canvas" && (
          <>
            {!isReadOnly && <Palette kinds={kinds} add={addInView} />}
            <div className="stage">
              <Canvas
                document={document}
                kinds={kinds}
                findings={draft.findings}
                crowds={crowds}
                overlay={side === "simulator" ? overlay : hasTraffic ? traffic : NO_OVERLAY}
                follow={side === "simulator" ? overlay.here : null}
                selected={selected}
                select={setSelected}
                authoring={authoring}
              />
              {Object.keys(document.nodes).length === 0 && <p className="stage-empty">{t("canvas.empty")}</p>}
            </div>
          </>
        )}
        {view === "json" && <JsonView draft={draft} isReadOnly={isReadOnly} />}
        {view === "texts" && <Texts draft={draft} isReadOnly={isReadOnly} />}
        {view === "versions" && <Versions draft={draft} kinds={kinds} isReadOnly={isReadOnly} count={releases} released={() => setReleases(releases + 1)} />}
        {(view === "canvas" || side === "simulator") && (
          <aside className="side" aria-label={t(side === "simulator" ? "simulator.title" : "inspector.label")}>
            {side === "simulator" ? (
              <Simulator draft={draft} isReadOnly={isReadOnly} show={setOverlay} />
            ) : (
              <Inspector draft={draft} kinds={kinds} id={selected.length === 1 ? (selected[0] ?? null) : null} select={setSelected} isReadOnly={isReadOnly} />
            )}
          </aside>
        )}
      </div>
      {hasFindings && (
        <div className="drawer">
          <Findings findings={draft.findings} isChecked={draft.isChecked} jump={jump} />
          <Silence lifetime={draft.lifetime} flow={document.id} jump={jumpTo} />
        </div>
      )}
      {offer && <QuickAdd kinds={kinds} at={offer.screen} pick={addWired} close={() => setOffer(null)} />}
      {isExtracting && <Extract draft={draft} nodes={chosen} select={setSelected} close={() => setExtracting(false)} />}
      {isPublishing && (
        <Publish
          draft={draft}
          close={() => setPublishing(false)}
          jump={jump}
          jumpTo={jumpTo}
          published={() => {
            setPublishing(false);
            setReleases(releases + 1);
          }}
        />
      )}
      {draft.conflict && <ConflictDialog conflict={draft.conflict} settle={draft.settle} />}
    </div>
  );
}

function SavingState({ draft, isReadOnly }: { draft: Draft; isReadOnly: boolean }) {
  const { t } = useWords();
  if (isReadOnly) return <span className="tag">{t("editor.readonly")}</span>;
  const title = draft.problem ? `${draft.problem.detail}. ${draft.problem.hint}` : undefined;
  return (
    <span className={draft.saving === "refused" ? "saving is-error" : "saving"} role="status" title={title}>
      {t(`saving.${draft.saving}`)}
    </span>
  );
}

function IconButton({ label, icon, press, disabled = false }: { label: string; icon: React.ReactNode; press: () => void; disabled?: boolean }) {
  return (
    <button className="button quiet small icon" aria-label={label} title={label} disabled={disabled} onClick={press}>
      {icon}
    </button>
  );
}

/** Keys of the canvas. While somebody types, keys are his text's. */
function useKeys(draft: Draft, selected: readonly string[], select: (ids: readonly string[]) => void, isOff: boolean): void {
  const clip = useRef<Clip | null>(null);
  const now = useMemo(() => ({ draft, selected }), [draft, selected]);
  useEffect(() => {
    if (isOff) return;
    const press = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable], .code-editor") !== null;
      if (isTyping || !(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      const act = actions(now.draft, now.selected, select, clip)[event.shiftKey && key === "z" ? "y" : key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [now, select, isOff]);
}

function actions(draft: Draft, selected: readonly string[], select: (ids: readonly string[]) => void, clip: { current: Clip | null }): { readonly [key: string]: () => void } {
  const paste = () => {
    if (clip.current === null) return;
    const [next, copies] = pasteNodes(draft.document, clip.current);
    draft.edit(next, "paste");
    select(copies);
  };
  return {
    z: draft.undo,
    y: draft.redo,
    s: () => void draft.save(),
    a: () => select(Object.keys(draft.document.nodes)),
    c: () => {
      clip.current = copyNodes(draft.document, selected);
    },
    v: paste,
    d: () => {
      clip.current = copyNodes(draft.document, selected);
      paste();
    },
  };
}

/** The canvas takes over a changed document in one frame, and measures it in the next. */
function afterDrawing(run: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(run));
}

/** A place near a wanted one where no node stands: below it, as far as needed. */
function freePlace(document: Draft["document"], wanted: Point): Point {
  const taken = Object.values(positionsOf(document));
  let at = wanted;
  while (taken.some((one) => Math.abs(one.x - at.x) < 250 && Math.abs(one.y - at.y) < 170)) at = { x: at.x, y: at.y + 90 };
  return at;
}
