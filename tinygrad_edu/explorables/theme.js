// Colours for what is painted: those of the style sheet, light or dark as the reader's system says.

class Theme {
  constructor(repaint) {
    this.root = document.documentElement;
    this.repaint = repaint;
    this.asked = this.root.dataset.theme;
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", () => this.#choose());
    // Paper is white.
    addEventListener("beforeprint", () => this.#choose("light"));
    addEventListener("afterprint", () => this.#choose());
    this.#choose();
  }

  #choose(wanted = this.asked) {
    const theme = wanted === "auto" ? (this.dark.matches ? "dark" : "light") : wanted;
    this.root.dataset.theme = theme;
    const style = getComputedStyle(this.root);
    const read = (name) => rgb(style.getPropertyValue(`--${name}`).trim());
    const names = ["canvas", "ink", "muted", "faint", "border", "edge", "positive", "negative", "bad"];
    for (const name of names) this[name] = read(name);
    this.classes = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => read(`class${k}`));
    this.repaint?.();
  }
}

function rgb(colour) {
  return [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16));
}

function css([r, g, b], opacity = 1) {
  return `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)} / ${opacity})`;
}

// A colour a part of the way to another.
function toward(start, end, part) {
  return start.map((channel, k) => channel + (end[k] - channel) * part);
}

// Elements of a drawing.
function drawn(tag, settings = {}, ...children) {
  const made = document.createElementNS(DRAWING, tag);
  for (const [name, value] of Object.entries(settings)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function percent(share) {
  return share === null ? "no number" : `${Math.round(100 * share)} %`;
}

// A film of bytes: the first frame, then the differences.
function film(bytes, [start, length], frames) {
  const all = bytes.slice(start, start + length);
  const size = length / frames;
  for (let k = size; k < length; k++) all[k] += all[k - size];
  const signed = new Int8Array(all.buffer);
  return Array.from({ length: frames }, (_, k) => signed.subarray(k * size, (k + 1) * size));
}

function floats(bytes, [start, length]) {
  return new Float32Array(bytes.slice(start, start + length).buffer);
}

// Keys for the whole page; fields and buttons keep their own.
function listen(player, others = {}) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    const own = target.closest("button, a") ? [" ", "Enter"] : [];
    if (target.type === "range") own.push("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown");
    if (own.includes(key)) return;
    if (Object.hasOwn(others, key)) others[key]();
    else if (!player.key(event)) return;
    event.preventDefault();
  });
}

// Buttons of which one is chosen.
function segments(name, choices, chosen, pressed) {
  const box = element("div", { class: "segments", role: "group", "aria-label": name });
  choices.forEach((words, k) => {
    const settings = { type: "button", "aria-pressed": String(k === chosen), click: () => pressed(k) };
    box.append(element("button", settings, words));
  });
  return box;
}
