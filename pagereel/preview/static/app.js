// The preview: shows what the server says is there, one beat at a time.
const find = (id) => document.getElementById(id);
const drawn = new Map();
let shown = null;
let beat = Math.max(0, Number.parseInt(location.hash.slice(1), 10) - 1 || 0);
let step = Infinity; // the last one of a beat
let lane = -1; // all of them

const place = (of, at) => `${shown.version}/${of}/${Math.min(at, shown.beats[of].steps - 1)}`;

async function drawing(name) {
  if (!drawn.has(name)) {
    drawn.set(name, fetch(`drawings/${name}`).then(async (answer) => {
      if (!answer.ok) throw new Error(`no picture ${name}`);
      const parsed = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
      return document.importNode(parsed.documentElement, true);
    }));
    drawn.get(name).catch(() => drawn.delete(name));
  }
  return (await drawn.get(name)).cloneNode(true);
}

async function show() {
  if (!shown) return;
  find("problems").hidden = !shown.problems;
  find("problems").textContent = shown.problems ?? "";
  document.body.classList.toggle("wrong", Boolean(shown.problems));
  if (!shown.beats) return;
  beat = Math.min(Math.max(beat, 0), shown.beats.length - 1);
  lane = Math.min(lane, shown.lanes.length - 1);
  const { steps, title } = shown.beats[beat];
  step = Math.min(Math.max(step, 0), steps - 1);
  const name = place(beat, step);
  document.title = `${beat + 1} ${title}: ${shown.title}`;
  find("title").textContent = shown.title;
  const part = steps > 1 ? `, step ${step + 1} of ${steps}` : "";
  find("place").textContent = `beat ${beat + 1} of ${shown.beats.length}${part}`;
  find("zoom").textContent = lane < 0 ? "All lanes" : shown.lanes[lane].title;
  list();
  try {
    const picture = await drawing(name);
    if (place(beat, step) !== name) return; // something newer is on its way
    picture.setAttribute("viewBox", lane < 0 ? `0 0 ${shown.size.join(" ")}` : shown.lanes[lane].box.join(" "));
    picture.removeAttribute("width");
    picture.removeAttribute("height");
    picture.dataset.name = name;
    find("picture").replaceChildren(picture);
  } catch { /* the file was saved again meanwhile; the news is on its way */ }
  for (const near of [beat - 1, beat + 1]) {
    if (shown.beats[near]) drawing(place(near, Infinity)).catch(() => {});
  }
}

function list() {
  const buttons = shown.beats.map(({ title }, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = index + 1;
    button.title = title;
    if (index === beat) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => go(index));
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  find("beats").replaceChildren(...buttons);
}

function go(index) {
  beat = index;
  step = Infinity;
  show();
  history.replaceState(null, "", `#${beat + 1}`);
}

function walk(by) {
  step += by;
  const { steps } = shown.beats[beat];
  if (step >= steps && beat < shown.beats.length - 1) {
    beat += 1;
    step = 0;
  } else if (step < 0 && beat > 0) {
    beat -= 1;
    step = Infinity;
  }
  show();
}

function look(index) {
  lane = index;
  show();
}

const keys = {
  ArrowRight: () => go(beat + 1), PageDown: () => go(beat + 1), " ": () => go(beat + 1),
  ArrowLeft: () => go(beat - 1), PageUp: () => go(beat - 1),
  Home: () => go(0), End: () => go(shown.beats.length - 1),
  ArrowDown: () => walk(1), ArrowUp: () => walk(-1),
  z: () => look(lane + 1 < shown.lanes.length ? lane + 1 : -1),
  0: () => look(-1), Escape: () => look(-1),
  1: () => look(0), 2: () => look(1), 3: () => look(2), 4: () => look(3),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !shown?.beats) return;
  if (event.key === " " && event.target.closest("button")) return;
  const act = keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
find("back").addEventListener("click", () => go(beat - 1));
find("forward").addEventListener("click", () => go(beat + 1));
find("zoom").addEventListener("click", () => keys.z());

const news = new EventSource("events");
news.addEventListener("message", (event) => {
  const before = shown?.version;
  shown = JSON.parse(event.data);
  if (shown.version !== before) drawn.clear();
  show();
});
news.addEventListener("error", () => { find("place").textContent = "waiting for pagereel"; });
