/** Python in a worker: loaded at the first edit, asked for a new bake at every one. */

import type { Broken, Story } from "./story";
import { unpacked } from "./unpacking";

/** One mistake of the visitor's version, in the reader's own words. */
export interface Problem {
  message: string;
  line?: number;
  column?: number;
  excerpt?: string;
  remedy?: string;
  /** The whole report, with its caret. */
  text?: string;
}

export interface Request {
  /** The storyboard as its author wrote it, and its name. */
  text: string;
  name: string;
  overrides: string[];
  /** What the visitor does, as `actsSaid` tells it; and whether the author's beats go on then. */
  acts: string;
  goesOn: boolean;
  canvas: string;
  /** The lane that is drawn where there is room for one; empty: the one that acts. */
  lane: string;
}

export type Answer =
  | { story: Story; broken: Broken[]; yaml?: string; sound?: string }
  | { problems: Problem[] };

type Parts = { worker: string; files: unknown };
type Progress = (text: string, share: number) => void;
type Said = Record<string, unknown>;

/** What the worker says on its way, and how far it is then. */
const STAGES: Record<string, [string, number]> = {
  unpacking: ["Unpacking Python …", 0.25],
  "starting Python": ["Starting Python …", 0.45],
  "loading pagereel": ["Loading the model …", 0.75],
};

const PATIENCE_MS = 4000;

/** One engine; a start that has failed may be tried again. */
export class Engine {
  private worker: Promise<Worker> | undefined;
  private asked = 0;

  constructor(private readonly address = "engine.js") {}

  async bake(request: Request, progress: Progress): Promise<Answer> {
    this.worker ??= this.start(progress);
    let worker: Worker;
    try {
      worker = await this.worker;
    } catch (problem) {
      this.worker = undefined;
      throw problem;
    }
    progress("Playing your version …", 1);
    const id = ++this.asked;
    const { answer } = await hear(worker, { id, ...request }, (said) => said["id"] === id);
    const told = JSON.parse(answer as string) as Answer;
    if ("story" in told) unpacked(told.story);
    return told;
  }

  private async start(progress: Progress): Promise<Worker> {
    progress("Loading the engine …", 0.05);
    const parts = await loaded(this.address);
    progress("Starting Python …", 0.2);
    const worker = await living(parts.worker);
    await hear(worker, { start: parts.files }, (said) => {
      const stage = STAGES[said["progress"] as string];
      if (stage) progress(...stage);
      return said["progress"] === "ready";
    });
    return worker;
  }
}

/** A plain script hands the bytes over: that works from a file as well as from a server. */
function loaded(address: string): Promise<Parts> {
  return new Promise((ready, fail) => {
    const script = document.createElement("script");
    const host = window as unknown as { pagereelEngine?: (parts: Parts) => void };
    host.pagereelEngine = ready;
    script.src = address;
    script.onerror = () => {
      script.remove();
      fail(new Error("The file engine.js is not beside this page, so nothing can be recomputed."));
    };
    document.head.append(script);
  });
}

/** Browsers differ in the module workers that they allow: the first one that answers is taken. */
async function living(source: string): Promise<Worker> {
  const bytes = new TextEncoder().encode(source);
  const kinds = [
    () => URL.createObjectURL(new Blob([bytes], { type: "text/javascript" })),
    () => `data:text/javascript;base64,${base64(bytes)}`,
  ];
  for (const kind of kinds) {
    try {
      const worker = new Worker(kind(), { type: "module" });
      if (await answers(worker)) return worker;
      worker.terminate();
    } catch {
      // Not allowed here; the next kind may be.
    }
  }
  throw new Error("This browser does not let the page start Python. Open it over http instead.");
}

function answers(worker: Worker): Promise<boolean> {
  return new Promise((done) => {
    const late = setTimeout(() => done(false), PATIENCE_MS);
    worker.onerror = () => done(false);
    worker.onmessage = ({ data }) => {
      if (!data.pong) return;
      clearTimeout(late);
      worker.onmessage = worker.onerror = null;
      done(true);
    };
    worker.postMessage({ ping: 1 });
  });
}

/** Tell the worker something and listen until it has said what is waited for, or failed. */
function hear(worker: Worker, message: unknown, isIt: (said: Said) => boolean): Promise<Said> {
  return new Promise((ready, fail) => {
    const leave = (): void => {
      worker.removeEventListener("message", listen);
      worker.removeEventListener("error", stopped);
    };
    const listen = ({ data }: MessageEvent<Said>): void => {
      const failed = data["failed"];
      if (failed === undefined && !isIt(data)) return;
      leave();
      if (failed === undefined) ready(data);
      else fail(new Error(`Python could not do it: ${String(failed)}`));
    };
    const stopped = (): void => {
      leave();
      fail(new Error("Python has stopped. Reload the page and try again."));
    };
    worker.addEventListener("message", listen);
    worker.addEventListener("error", stopped);
    worker.postMessage(message);
  });
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  }
  return btoa(text);
}
