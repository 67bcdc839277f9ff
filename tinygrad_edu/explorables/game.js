// A game of two networks: whole steps, or each in its five parts.

const PARTS = [
  ["Sample", "Real points are drawn, and the generator makes points out of noise."],
  ["D loss", "The discriminator judges both: the loss is small where it tells them apart."],
  ["D update", "It follows its gradient: its map is now the one below the points."],
  ["G loss", "The generator asks this new map. Each arrow is where one of its points would rather be: G's gradient, through D."],
  ["G update", "It follows its gradient: the points move. Outlines show where they were."],
];
const PILLS = { balanced: "good", fooled: "odd", "discriminator wins": "going", diverged: "bad" };

class Game {
  constructor(data, bytes) {
    Object.assign(this, data);
    this.films = film(bytes, this.field, this.fields);
    this.places = floats(bytes, this.made);
    this.arrows = floats(bytes, this.pulls);
    this.whole = false;
    this.spot = 0; // of 5 * steps parts, then the end
    document.getElementById("title").textContent = this.title;
    document.getElementById("counts").textContent = `${this.steps} steps of ${this.at.at(-1)} recorded · ${this.kind} loss · ${this.count} generated points`;
    this.canvas = document.getElementById("map");
    this.svg = document.getElementById("points");
    this.chart = new Chart(document.getElementById("losses"), "How much the discriminator tells right");
    this.player = new Player({
      last: this.end, pause: 420,
      words: (step) => this.#sentence(this.whole ? 5 * step : step),
      changed: (step) => {
        this.spot = this.whole ? Math.min(5 * step, this.end) : step;
        this.paint();
      },
    });
    this.#levels();
    this.#list();
    this.theme = new Theme(() => this.theme && this.#colours());
    this.#colours();
    addEventListener("resize", () => this.paint());
    listen(this.player);
    this.player.go(this.player.last);
  }

  get end() {
    return 5 * this.steps + (this.at.length > this.steps ? 0 : -1);
  }

  // The frame, and which of the five parts; the end has none.
  #where(spot = this.spot) {
    const frame = Math.min(Math.floor(spot / 5), this.at.length - 1);
    return [frame, frame < this.steps ? spot % 5 : -1];
  }

  #colours() {
    this.shade = signedColours(this.theme, 0.55);
    this.paint();
  }

  #levels() {
    const box = document.getElementById("knobs");
    const group = segments("Go through", ["parts of a step", "whole steps"], Number(this.whole), (k) => this.#level(Boolean(k)));
    box.replaceChildren(element("div", { class: "knob" }, element("span", { "aria-hidden": "true" }, "go through"), group));
  }

  #level(whole) {
    const { spot } = this;
    const focused = document.getElementById("knobs").contains(document.activeElement);
    this.player.stop();
    this.whole = whole;
    this.player.last = whole ? Math.ceil(this.end / 5) : this.end;
    this.player.slider.max = this.player.last;
    this.player.pause = whole ? 220 : 420;
    this.#levels();
    if (focused) document.querySelector('#knobs [aria-pressed="true"]').focus();
    this.player.go(whole ? Math.floor(spot / 5) : spot);
  }

  #list() {
    const list = document.getElementById("parts");
    this.parts = PARTS.map(([name, more], k) => {
      const number = element("span", { class: "number" });
      const button = element("button", { type: "button", click: () => this.#go(k) }, element("b", {}, String(k + 1)), element("span", {}, name), number, element("span", { class: "more" }, more));
      list.append(element("li", {}, button));
      return { button, number };
    });
  }

  // To a part of this step.
  #go(part) {
    const [frame] = this.#where();
    const target = 5 * Math.min(frame, this.steps - 1) + part;
    this.player.stop();
    if (this.whole) this.#level(false);
    this.player.go(target);
  }

  #said(spot = this.spot) {
    const [frame, part] = this.#where(spot);
    const told = this.said[frame];
    // The scores change with D's update, the points with G's.
    const scores = told[part >= 2 ? 1 : 0] ?? told[0];
    const points = told[part >= 4 ? 1 : 0] ?? told[0];
    return { ...scores, modes: points.modes, covered: points.covered };
  }

  #sentence(spot) {
    const [frame, part] = this.#where(spot);
    const { words, modes } = this.#said(spot);
    return `step ${this.at[frame]}${part < 0 ? ", the end" : this.whole ? "" : `, ${PARTS[part][0]}`}: ${words} ${modes ?? ""}`;
  }

  paint() {
    if (!this.theme) return;
    const [frame, part] = this.#where();
    const { who, words, modes, covered } = this.#said();
    const pill = document.getElementById("state");
    pill.textContent = who;
    pill.className = `pill ${PILLS[who]}`;
    document.getElementById("words").textContent = words;
    document.getElementById("covered").textContent = modes ?? "";
    const place = part < 0 || this.whole ? "" : ` · ${part + 1}/5`;
    document.getElementById("place").textContent = `step ${this.at[frame]} / ${this.at.at(-1)}${place}`;
    const values = this.films[2 * frame + (part >= 2 ? 1 : 0)];
    paintSmooth(this.canvas, values, this.side, (value) => (value === -128 ? this.theme.bad : this.shade(value / 100)));
    this.canvas.setAttribute("aria-label", `The discriminator's map. ${words} ${modes ?? ""}`);
    this.#steps(frame, part);
    this.#points(frame, part, covered);
    const ys = this.said.map((told) => told.at(-1).right);
    this.chart.show([{ xs: this.at, ys: this.at.map(() => 0.5), class: "other" }, { xs: this.at, ys, class: "mine" }], { at: this.at[frame], end: this.at.at(-1), name: "share that D tells right (grey: a coin)" });
  }

  #steps(frame, part) {
    const [before, after, weak, strong] = this.losses[frame].map((loss) => (loss === null ? "—" : written(loss)));
    const numbers = ["", before, after && `${before} → ${after}`, weak, strong && `${weak} → ${strong}`];
    this.parts.forEach(({ button, number }, k) => {
      number.textContent = part < 0 && k > 1 ? "" : numbers[k] ?? "";
      if (!this.whole && k === part) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
  }

  #points(frame, part, covered) {
    const [width, height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 400];
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const [[left, right], [low, high]] = this.region;
    const across = (x) => ((x - left) / (right - left)) * width;
    const up = (y) => height - ((y - low) / (high - low)) * height;
    const step = part >= 0 && !this.whole;
    const parts = this.modes.map(([x, y], k) => drawn("circle", { class: covered[k] ? "mode covered" : "mode", cx: across(x), cy: up(y), r: (this.reach / (right - left)) * width }));
    const judged = step && (part === 1 || part === 2);
    this.real[0].forEach((x, k) => parts.push(drawn("circle", { class: step && part >= 3 ? "real faded" : "real", cx: across(x).toFixed(1), cy: up(this.real[1][k]).toFixed(1), r: judged ? 4 : 3.2 })));
    const size = 2 * this.count;
    const at = (time) => (k) => {
      const start = time * size + 2 * k;
      return [across(this.places[start]), up(this.places[start + 1])];
    };
    const [before, after] = [at(2 * frame), at(2 * frame + 1)];
    const moved = part === 4;
    const mark = (name, [x, y], scale = 1) => (Number.isFinite(x + y) ? [drawn("path", { class: name, d: "M0,-5L5,0L0,5L-5,0Z", transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale})` })] : []);
    for (let k = 0; k < this.count; k++) {
      const [x, y] = before(k);
      if (step && moved) parts.push(...mark("ghost", [x, y]));
      parts.push(...mark("made", moved ? after(k) : [x, y], judged ? 1.1 : 0.9));
      if (step && part === 3) parts.push(this.#arrow([x, y], frame, k, width / (right - left)));
    }
    this.svg.replaceChildren(...parts);
  }

  #arrow([x, y], frame, k, scale) {
    const start = 2 * (frame * this.count + k);
    const [right, up] = [this.arrows[start] * scale, -this.arrows[start + 1] * scale];
    const length = Math.hypot(right, up);
    if (!Number.isFinite(length) || length < 1) return drawn("g");
    const [endX, endY] = [x + right, y + up];
    const tip = Math.min(6, length / 2) / length;
    const wing = (side) => `${(endX - tip * (right - side * up * 0.6)).toFixed(1)},${(endY - tip * (up + side * right * 0.6)).toFixed(1)}`;
    return drawn("path", { class: "pull", d: `M${x.toFixed(1)},${y.toFixed(1)}L${endX.toFixed(1)},${endY.toFixed(1)}M${wing(1)}L${endX.toFixed(1)},${endY.toFixed(1)}L${wing(-1)}` });
  }
}

whenRead((data, bytes) => new Game(data, bytes));
