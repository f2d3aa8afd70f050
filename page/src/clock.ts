/** When each step is reached and left, and a playhead that plays, steps both ways, and seeks. */

import type { Step } from "./story";

/** Where time stands: on its way to a step (share below 1), or at it. */
export interface Moment {
  index: number;
  share: number;
}

/** The seconds of a story: step by step its motion, then its rest. */
export class Schedule {
  readonly start: number[] = [];
  readonly settled: number[] = [];
  readonly end: number[] = [];

  constructor(steps: Step[]) {
    let time = 0;
    steps.forEach((step, index) => {
      this.start.push(time);
      time += index ? step.seconds : 0;
      this.settled.push(time);
      time += Math.max(step.rest, 0.05);
      this.end.push(time);
    });
  }

  get total(): number {
    return this.end.at(-1) ?? 0;
  }

  at(time: number): Moment {
    let index = this.end.findIndex((end) => time < end);
    if (index < 0) index = this.end.length - 1;
    const [start, settled] = [this.start[index]!, this.settled[index]!];
    const share = time >= settled ? 1 : (time - start) / (settled - start);
    return { index, share };
  }
}

/** Moves time. `show` draws a moment; `halt` says at which steps playing waits. */
export class Playhead {
  time = 0;
  speed = 1;
  playing = false;
  /** The step that is shown or on its way. */
  index = 0;
  private frame = 0;
  private last = 0;
  private move: "play" | "forward" | "back" | undefined;

  constructor(
    readonly schedule: Schedule,
    private readonly show: (moment: Moment) => void,
    private readonly changed: () => void,
    private readonly halts: (index: number) => boolean,
    private readonly isStill: () => boolean,
  ) {}

  /** Stand at a step; nothing is drawn. */
  set(index: number): number {
    this.index = index;
    this.time = this.schedule.settled[index]!;
    return index;
  }

  play(): void {
    if (this.time >= this.schedule.total - 0.01) this.seek(0);
    this.playing = true;
    this.run("play");
  }

  pause(): void {
    this.playing = false;
    this.stop();
    this.changed();
  }

  /** To a step at once, without motion. */
  jump(index: number): void {
    const last = this.schedule.end.length - 1;
    this.index = Math.min(Math.max(index, 0), last);
    this.seekTo(this.schedule.settled[this.index]!, this.index);
  }

  /** To any time. */
  seek(time: number): void {
    this.seekTo(Math.min(Math.max(time, 0), this.schedule.total));
  }

  forward(): void {
    const { settled, start } = this.schedule;
    if (this.move === "forward") this.time = settled[this.index]!;
    const next = this.time < settled[this.index]! ? this.index : this.index + 1;
    if (next >= settled.length) return this.pause();
    this.playing = false;
    if (this.isStill()) return this.jump(next);
    this.index = next;
    this.time = Math.max(this.time, start[next]!);
    this.run("forward");
  }

  back(): void {
    const { settled, start } = this.schedule;
    if (this.move === "back") this.time = settled[this.index]!;
    const from = this.schedule.at(this.time).index;
    if (from === 0) return this.jump(0);
    this.playing = false;
    if (this.isStill() || settled[from] === start[from]) return this.jump(from - 1);
    this.time = Math.min(this.time, settled[from]!);
    this.index = from - 1;
    this.run("back");
  }

  dispose(): void {
    this.stop();
  }

  private seekTo(time: number, index?: number): void {
    const wasPlaying = this.playing;
    this.stop();
    this.time = time;
    const moment = this.schedule.at(time);
    this.index = index ?? moment.index;
    this.show(index === undefined ? moment : { index, share: 1 });
    this.changed();
    if (wasPlaying) this.run("play");
  }

  private run(move: "play" | "forward" | "back"): void {
    this.stop();
    this.move = move;
    this.last = 0;
    this.changed();
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  private stop(): void {
    cancelAnimationFrame(this.frame);
    this.move = undefined;
  }

  private tick(now: number): void {
    // A hidden or busy window does not make time jump.
    const passed = this.last ? (Math.min(now - this.last, 100) / 1000) * this.speed : 0;
    this.last = now;
    const isOver = this.move === "play" ? this.playOn(passed) : this.stepOn(passed);
    if (isOver) return;
    this.frame = requestAnimationFrame((next) => this.tick(next));
  }

  private playOn(passed: number): boolean {
    const before = this.index;
    const halt = this.schedule.settled[before]!;
    const isHalt = this.halts(before) && this.time <= halt + 1e-6 && this.time + passed >= halt;
    this.time = isHalt ? halt : Math.min(this.time + passed, this.schedule.total);
    const moment = isHalt ? { index: before, share: 1 } : this.schedule.at(this.time);
    this.index = moment.index;
    this.show(moment);
    if (isHalt || this.time >= this.schedule.total) {
      this.pause();
      return true;
    }
    if (before !== this.index) this.changed();
    return false;
  }

  private stepOn(passed: number): boolean {
    const { settled, start } = this.schedule;
    if (this.move === "forward") {
      this.time = Math.min(this.time + passed, settled[this.index]!);
      if (this.time < settled[this.index]!) {
        this.show(this.schedule.at(this.time));
        return false;
      }
    } else {
      const from = this.index + 1;
      this.time = Math.max(this.time - passed, start[from]!);
      if (this.time > start[from]!) {
        const share = (this.time - start[from]!) / (settled[from]! - start[from]!);
        this.show({ index: from, share });
        return false;
      }
    }
    this.jump(this.index);
    return true;
  }
}
