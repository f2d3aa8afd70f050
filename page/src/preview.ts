/** The preview's driver: whenever the file is saved, the player has its story, or we say what is
 * wrong with it. */

import type { Player } from "./player";
import type { Story } from "./story";

interface News {
  version: number;
  /** In the reader's words; empty: nothing is wrong. */
  problems: string;
}

const problems = document.createElement("pre");
problems.id = "problems";
problems.setAttribute("role", "alert");
problems.hidden = true;
document.body.prepend(problems);

function say(text: string): void {
  problems.hidden = !text;
  problems.textContent = text;
}

/** Whose story is shown: the page came with the one that was there when it was asked for. */
let shown: number | undefined;

async function show({ version, problems }: News): Promise<void> {
  say(problems);
  if (problems || version === shown) return;
  const player = document.querySelector<Player>("pagereel-player");
  if (!player) return location.reload();
  const answer = await fetch("story.json");
  const story = (await answer.json()) as Story;
  shown = version;
  document.title = story.title;
  player.take(story);
}

const news = new EventSource("events");
news.addEventListener("message", ({ data }) => void show(JSON.parse(data as string) as News));
news.addEventListener("error", () => say("Waiting for pagereel …"));
