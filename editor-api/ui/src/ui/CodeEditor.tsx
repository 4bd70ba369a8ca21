// CodeMirror in a shadow root: its styles are sheets of their own there, which a strict content security policy allows.
import { autocompletion, completionKeymap, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { HighlightStyle, StreamLanguage, bracketMatching, foldGutter, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, drawSelection, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { rhai } from "./rhai";

export type Suggestion = { readonly label: string; readonly kind: string; readonly detail: string };
export type Mark = { readonly from: number; readonly to: number; readonly message: string; readonly severity: "error" | "warning" };

type CodeEditorProps = {
  readonly value: string;
  readonly change: (text: string) => void;
  readonly language: "json" | "rhai";
  /** What it is called, for those who hear it. */
  readonly name?: string;
  readonly lines?: number;
  /** What may stand at a place of the text, so many characters from its start. */
  readonly complete?: (offset: number) => Promise<readonly Suggestion[]>;
  readonly marks?: readonly Mark[];
  readonly isReadOnly?: boolean;
  readonly fills?: boolean;
};

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent-text)" },
  { tag: tags.string, color: "var(--talk)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--decide)" },
  { tag: tags.keyword, color: "var(--time)" },
  { tag: tags.comment, color: "var(--ink-3)", fontStyle: "italic" },
]);

const look = EditorView.theme({
  "&": { fontSize: "12px", color: "var(--ink)", backgroundColor: "transparent", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)", padding: "6px 0" },
  ".cm-line": { padding: "0 9px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ink-3)", border: "none" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklab, var(--accent) 26%, transparent)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", border: "1px solid var(--line)", borderRadius: "6px", color: "var(--ink)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--accent-text)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
});

export function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const { value, language, lines, isReadOnly, fills, marks } = props;

  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
    const editor = new EditorView({ root, parent: root, state: EditorState.create({ doc: latest.current.value, extensions: extensionsOf(latest) }) });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [language]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== null && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
    }
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: readOnly.reconfigure(EditorState.readOnly.of(isReadOnly ?? false)) });
  }, [isReadOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || marks === undefined) return;
    const length = editor.state.doc.length;
    const diagnostics: Diagnostic[] = marks.map((mark) => ({ ...mark, from: Math.min(mark.from, length), to: Math.min(mark.to, length) }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [marks]);

  const height = fills === true ? { height: "100%" } : { minHeight: `${(lines ?? 1) * 19 + 14}px` };
  return <div ref={host} className={fills === true ? "code-editor fills" : "input code-editor"} style={height} />;
}

const readOnly = new Compartment();

/** Icons of the completion list, by what the server calls a candidate. */
const TYPES: { readonly [kind: string]: string } = { attribute: "variable", property: "property", function: "function", view: "namespace", value: "text" };

function extensionsOf(latest: { readonly current: CodeEditorProps }): Extension[] {
  const { language, fills, name } = latest.current;
  const complete = async (context: CompletionContext) => {
    const word = context.matchBefore(/\w+/);
    const asked = latest.current.complete;
    const isMember = context.matchBefore(/\.\w*/) !== null;
    if (asked === undefined || (word === null && !isMember && !context.explicit)) return null;
    const found = await asked([...context.state.sliceDoc(0, context.pos)].length);
    return { from: word?.from ?? context.pos, options: found.map(({ label, kind, detail }) => ({ label, detail, type: TYPES[kind] ?? "variable" })), validFor: /^\w*$/ };
  };
  const whole: Extension[] = fills === true ? [lineNumbers(), foldGutter(), lintGutter(), search(), keymap.of([...searchKeymap, indentWithTab])] : [];
  return [
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    syntaxHighlighting(colours),
    look,
    EditorView.lineWrapping,
    language === "json" ? json() : StreamLanguage.define(rhai),
    autocompletion(language === "rhai" ? { override: [complete] } : {}),
    keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
    readOnly.of(EditorState.readOnly.of(latest.current.isReadOnly ?? false)),
    EditorView.contentAttributes.of({ "aria-label": name ?? language, tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        const text = update.state.doc.toString();
        if (text !== latest.current.value) latest.current.change(text);
      }
    }),
    ...whole,
  ];
}
