/** What the site's still pages do: keep the colours that were chosen, and search. */

import { remember, remembered } from "./memory";
import { THEMES } from "./themes";

const theme = remembered("theme") ?? "dark";
document.documentElement.dataset["theme"] = theme;

/** Which colours, at the end of the page. */
function addColours(): void {
  const label = document.createElement("label");
  const select = document.createElement("select");
  for (const [name, title] of THEMES) select.add(new Option(title, name, false, name === theme));
  select.addEventListener("change", () => {
    document.documentElement.dataset["theme"] = select.value;
    remember("theme", select.value);
  });
  label.append("Colours ", select);
  document.querySelector("footer")!.prepend(label);
}

/** A place: its address, the title of its page, its own, and what is said there. */
type Row = [address: string, page: string, title: string, text: string];

interface Place {
  row: Row;
  /** Title and text, as they are compared. */
  title: string;
  text: string;
}

const MOST = 40;
const AROUND = 90;

/** Places that have every word, the best first: words in a title, and words that begin there. */
function find(places: Place[], asked: string[]): Place[] {
  const scored = places.map((place, order) => {
    let score = 0;
    for (const word of asked) {
      const found = Math.max(8 * worth(place.title, word), worth(place.text, word));
      if (!found) return { place, score: 0, order };
      score += found;
    }
    return { place, score, order };
  });
  const good = scored.filter(({ score }) => score);
  good.sort((a, b) => b.score - a.score || a.order - b.order);
  return good.map(({ place }) => place);
}

/** 2: the text has the word from its beginning on; 1: within another; 0: not at all. */
function worth(text: string, word: string): number {
  for (let at = text.indexOf(word), found = 0; ; at = text.indexOf(word, at + 1)) {
    if (at < 0) return found;
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]!)) return 2;
    found = 1;
  }
}

function words(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** The part of a text around the first word that was asked for, with all of them marked. */
function excerpt(text: string, asked: string[]): (Node | string)[] {
  const low = text.toLowerCase();
  const first = Math.min(...asked.map((word) => low.indexOf(word)).filter((at) => at >= 0), text.length);
  let from = first === text.length ? 0 : Math.max(first - AROUND, 0);
  if (from) from = text.indexOf(" ", from) + 1 || from;
  const part = text.slice(from, from + 3 * AROUND);
  const parts = part.split(new RegExp(`(${asked.map(quoted).join("|")})`, "i"));
  const shown = parts.map((piece, i) => {
    if (i % 2 === 0) return piece;
    const mark = document.createElement("mark");
    mark.append(piece);
    return mark;
  });
  return [from ? "… " : "", ...shown, from + part.length < text.length ? " …" : ""];
}

function quoted(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function item({ row: [address, page, title, text] }: Place, asked: string[]): HTMLLIElement {
  const [link, said, found] = ["a", "p", "li"].map((name) => document.createElement(name));
  (link as HTMLAnchorElement).href = address;
  link!.append(page === title ? title : `${page}: ${title}`);
  said!.append(...excerpt(text, asked));
  found!.append(link!, said!);
  return found as HTMLLIElement;
}

/** Search as one types; the address has the words, so that a result can be sent, and returned to. */
function addSearch(data: Element): void {
  const rows = JSON.parse(data.textContent!) as Row[];
  const places = rows.map((row) => ({
    row,
    title: `${row[2]} ${row[1]}`.toLowerCase(),
    text: row[3].toLowerCase(),
  }));
  const input = document.querySelector<HTMLInputElement>("#words")!;
  const [count, list] = [document.querySelector("#count")!, document.querySelector("#found")!];
  const search = (): void => {
    const asked = words(input.value);
    const found = asked.length ? find(places, asked) : [];
    list.replaceChildren(...found.slice(0, MOST).map((place) => item(place, asked)));
    const more = found.length > MOST ? `, the first ${MOST} of them here` : "";
    const told = found.length === 1 ? "1 place" : `${found.length} places`;
    count.textContent = !asked.length ? "" : found.length ? told + more : "Nothing has all these words.";
  };
  const ask = (): void => {
    input.value = new URLSearchParams(location.hash.slice(1)).get("q") ?? "";
    search();
  };
  input.addEventListener("input", () => {
    history.replaceState(null, "", `#${new URLSearchParams({ q: input.value })}`);
    search();
  });
  addEventListener("hashchange", ask);
  ask();
  input.focus();
}

addColours();
const data = document.querySelector("#places");
if (data) addSearch(data);
