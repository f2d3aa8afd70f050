/** The editor of a storyboard's text, loaded when it is first asked for: its own script. */

import { defaultKeymap, history, historyKeymap, simplifySelection } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { nextDiagnostic, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Problem } from "./engine";
import type { EditorHost, OpenEditor } from "./writing";

const LOOKS = EditorView.theme({
  "&": {
    color: "var(--text)",
    backgroundColor: "var(--background)",
    border: "1px solid color-mix(in srgb, var(--edge) 60%, var(--muted))",
    borderRadius: "10px",
    overflow: "hidden",
    fontSize: "13px",
  },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-scroller": {
    fontFamily: "pagereel-mono, monospace",
    lineHeight: "1.55",
    height: "min(52vh, 520px)",
    overflow: "auto",
  },
  ".cm-content": { caretColor: "var(--accent)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": { color: "var(--muted)", backgroundColor: "var(--background)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--faint) 60%, transparent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 30%, transparent) !important",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy 1.5px var(--warning)",
    textUnderlineOffset: "3px",
  },
  ".cm-tooltip": {
    color: "var(--text)",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--edge)",
    borderRadius: "10px",
    maxWidth: "320px",
    overflow: "hidden",
  },
  ".cm-diagnostic": {
    borderLeft: "4px solid var(--warning)",
    padding: "8px 12px",
    font: "15px/1.45 pagereel-text, system-ui, sans-serif",
    whiteSpace: "pre-wrap",
  },
  ".cm-diagnosticAction": {
    color: "var(--text)",
    backgroundColor: "transparent",
    border: "1px solid var(--muted)",
    borderRadius: "8px",
    display: "block",
    minHeight: "44px",
    padding: "0 12px",
    margin: "8px 0 0",
    font: "inherit",
  },
});

const WORDS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.comment, tags.meta, tags.punctuation, tags.separator], color: "var(--muted)" },
]);

/** A suggestion of the reader: what is meant, in place of what is written. */
const MEANT = /did you mean `([^`]+)`\?/;

const open: OpenEditor = (box, text, host) => {
  const leave = (): boolean => {
    host.leave();
    return true;
  };
  const view = new EditorView({
    parent: box,
    root: box.getRootNode() as ShadowRoot,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        rectangularSelection(),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        yaml(),
        syntaxHighlighting(WORDS),
        LOOKS,
        EditorView.contentAttributes.of({
          "aria-label": "Storyboard, in YAML",
          "aria-describedby": "leave-editor",
          tabindex: "0",
          autocapitalize: "off",
          spellcheck: "false",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) host.write(update.state.doc.toString());
        }),
        keymap.of([
          { key: "Escape", run: (at) => simplifySelection(at) || leave() },
          { key: "F8", run: nextDiagnostic },
          { key: "Mod-Enter", run: () => (host.play(), true) },
          ...defaultKeymap,
          ...historyKeymap,
        ]),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(now) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: now } });
    },
    mark: (problems) => view.dispatch(setDiagnostics(view.state, marks(view.state, problems))),
    toLine(number) {
      const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
      const effects = EditorView.scrollIntoView(line.from, { y: "center" });
      view.dispatch({ selection: { anchor: line.from, head: line.to }, effects });
      view.focus();
    },
    close: () => view.destroy(),
  };
};

/** The reader's problems under the words that they are about; a suggestion can be taken. */
function marks({ doc }: EditorState, problems: Problem[]): Diagnostic[] {
  return problems.flatMap((problem): Diagnostic[] => {
    const { line, column = 1, message, remedy = "", excerpt = "" } = problem;
    if (!line || line > doc.lines) return [];
    const at = doc.line(line);
    const from = Math.min(at.from + column - 1, at.to);
    const carets = /\^+/.exec(excerpt)?.[0].length ?? 1;
    const to = Math.min(Math.max(from + carets, from + 1), doc.length);
    const meant = MEANT.exec(remedy)?.[1];
    return [
      {
        from,
        to,
        severity: "error",
        message: remedy ? `${message}\n${remedy}` : message,
        actions: meant
          ? [
              {
                name: `Write ${meant}`,
                apply: (view, start, end) =>
                  view.dispatch({ changes: { from: start, to: end, insert: meant } }),
              },
            ]
          : [],
      },
    ];
  });
}

(window as unknown as EditorHost).pagereelEditor?.(open);
