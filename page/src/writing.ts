/** The whole storyboard as its text, to be edited: in the editor, and where it is not, in a box. */

import { html, type TemplateResult } from "lit";
import type { Problem } from "./engine";
import type { Player } from "./player";

/** What the editor tells. */
interface Writer {
  write(text: string): void;
  play(): void;
  leave(): void;
}

/** An open editor. */
export interface Editor {
  text: string;
  mark(problems: Problem[]): void;
  /** Put the caret into a line, counted from 1. */
  toLine(line: number): void;
  close(): void;
}

export type OpenEditor = (box: HTMLElement, text: string, writer: Writer) => Editor;

/** Where the editor's script hands itself over. */
export interface EditorHost {
  pagereelEditor?: (open: OpenEditor) => void;
}

export class Writing {
  private opened: { box: HTMLElement; editor: Editor } | undefined;
  private open: OpenEditor | undefined;
  private asked = false;
  private marked: Problem[] = [];

  constructor(private readonly host: Player) {}

  render(): TemplateResult {
    const { editing } = this.host.version;
    const write = (event: Event): void =>
      this.host.version.write((event.target as HTMLTextAreaElement).value);
    return this.open
      ? html`<div class="writing"><div class="editor"></div></div>
          <p class="muted" id="leave-editor">
            Esc leaves the text, F8 goes to the next problem, Ctrl + Enter plays it.
          </p>`
      : html`<label class="writing">
          <span>Storyboard, in YAML</span>
          <textarea
            rows="24"
            spellcheck="false"
            autocapitalize="off"
            wrap="off"
            .value=${editing.draft}
            @input=${write}
          ></textarea>
        </label>`;
  }

  /** After the panel is in the document: load the editor, and keep it in step with the version. */
  settle(): void {
    const { version, panel } = this.host;
    const { way, draft, problems } = version.editing;
    if (panel?.kind !== "edit" || way !== "text") return;
    void this.load();
    const box = this.host.inner(".writing .editor");
    if (!box || !this.open) return;
    if (this.opened?.box !== box) {
      this.opened?.editor.close();
      this.opened = { box, editor: this.open(box, draft, this) };
      this.marked = [];
    }
    const { editor } = this.opened;
    if (editor.text !== draft) editor.text = draft;
    if (this.marked !== problems) editor.mark((this.marked = problems));
  }

  /** Put the caret of the text into a line, counted from 1. */
  toLine(line: number): void {
    if (this.opened) return this.opened.editor.toLine(line);
    const text = this.host.inner<HTMLTextAreaElement>(".writing textarea");
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    text.scrollTop = ((line - 4) / lines.length) * text.scrollHeight;
  }

  write(text: string): void {
    if (text !== this.host.version.editing.draft) this.host.version.write(text);
  }

  play(): void {
    void this.host.version.play();
  }

  /** To the button that plays the text. */
  leave(): void {
    this.host.inner(".foot .main").focus();
  }

  /** The editor comes from a file beside the engine; without it the plain box stays. */
  private async load(): Promise<void> {
    if (this.asked) return;
    this.asked = true;
    const script = document.createElement("script");
    script.src = (this.host.engine ?? "").replace(/engine\.js$/, "editor.js");
    (window as unknown as EditorHost).pagereelEditor = (open) => {
      this.open = open;
      this.host.requestUpdate();
    };
    script.onerror = () => script.remove();
    document.head.append(script);
  }
}
