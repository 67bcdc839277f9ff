// A training, replayed: each unit's map of the plane, the weights between them, and the answer.

const PILLS = {
  untrained: "", learning: "going", solved: "good", settled: "going", stuck: "odd", jumping: "odd",
  worse: "bad", diverged: "bad",
};
const BAD = -128;

class Replay {
  constructor(data, bytes) {
    Object.assign(this, data);
    this.runs.forEach((run) => this.#open(run, bytes));
    this.epochs = [...new Set(this.runs.flatMap((run) => run.at))].sort((a, b) => a - b);
    // The run that ended best.
    const end = (run) => run.loss.at(-1) ?? Infinity;
    this.run = this.runs.reduce((best, run) => (end(run) < end(best) ? run : best));
    this.chosen = null; // a unit that is shown large, as [layer, unit]
    document.getElementById("title").textContent = this.title;
    this.stage = document.getElementById("stage");
    this.answer = document.getElementById("answer");
    this.chart = new Chart(document.getElementById("loss"), "Loss over the epochs");
    this.player = new Player({
      last: this.epochs.length - 1,
      words: (step) => this.#sentence(step),
      changed: () => this.paint(),
    });
    this.#classes();
    this.#knobs();
    this.#network();
    this.theme = new Theme(() => {
      if (!this.theme) return;
      this.#colours();
      this.paint();
    });
    this.#colours();
    addEventListener("resize", () => {
      this.#arrange();
      this.paint();
    });
    listen(this.player, { Escape: () => this.choose(null) });
    this.player.go(this.player.last);
  }

  #open(run, bytes) {
    const frames = run.at.length;
    run.layers.forEach((layer, k) => {
      if (k === 0) return;
      const [units, before] = [layer.shown.length, run.layers[k - 1].shown.length];
      const [weights, biases] = [floats(bytes, layer.weights), floats(bytes, layer.biases)];
      layer.weight = (frame, unit, from) => weights[(frame * units + unit) * before + from];
      layer.bias = (frame, unit) => biases[frame * units + unit];
      layer.largest = weights.reduce((most, weight) => Math.max(most, Number.isFinite(weight) ? Math.abs(weight) : 0), 1e-9);
      if (!layer.fields) return;
      const films = film(bytes, layer.fields, frames);
      const size = films[0].length / units;
      layer.field = (frame, unit) => films[frame].subarray(unit * size, (unit + 1) * size);
    });
    run.map = film(bytes, run.output, frames);
    run.told = film(bytes, run.told, frames);
  }

  // The frame of the run that shows the epoch: its last one before, where it has none.
  get frame() {
    const epoch = this.epochs[this.player.step];
    return Math.max(this.run.at.findLastIndex((at) => at <= epoch), 0);
  }

  get over() {
    return Boolean(this.run.cut) && this.epochs[this.player.step] > this.run.at.at(-1);
  }

  #sentence(step) {
    const frame = Math.max(this.run.at.findLastIndex((at) => at <= this.epochs[step]), 0);
    const [state, words] = this.run.said[frame];
    return `epoch ${this.epochs[step]}, ${state}: ${words}`;
  }

  #colours() {
    this.shade = signedColours(this.theme);
    this.soft = signedColours(this.theme, 0.82);
    const { canvas, classes } = this.theme;
    this.kinds = classes.map((colour) => Array.from({ length: 16 }, (_, k) => toward(canvas, colour, 0.12 + (0.6 * k) / 15)));
  }

  // Settings of the runs.

  #knobs() {
    const box = document.getElementById("knobs");
    box.replaceChildren();
    this.knobs.forEach(({ name, choices }, k) => {
      const group = segments(name, choices, this.run.place[k], (choice) => this.#turn(k, choice));
      [...group.children].forEach((button, choice) => {
        button.disabled = !this.runs.some((run) => run.place[k] === choice);
      });
      box.append(element("div", { class: "knob" }, element("span", { "aria-hidden": "true" }, name), group));
    });
  }

  #turn(knob, choice) {
    const wanted = this.run.place.map((place, k) => (k === knob ? choice : place));
    const distance = (run) => run.place.reduce((sum, place, k) => sum + (place === wanted[k] ? 0 : k === knob ? 100 : 1), 0);
    // The very run, or the one that differs least.
    this.run = this.runs.reduce((best, run) => (distance(run) < distance(best) ? run : best));
    this.chosen = null;
    const focused = [...document.querySelectorAll("#knobs .segments")].findIndex((group) => group.contains(document.activeElement));
    this.#knobs();
    this.#network();
    if (focused >= 0) document.querySelectorAll("#knobs .segments")[focused].querySelector('[aria-pressed="true"]').focus();
    this.player.go(this.player.step);
  }

  // The network.

  #network() {
    const box = document.getElementById("units");
    const { layers } = this.run;
    box.replaceChildren();
    const sizes = layers.map((layer) => layer.units).join("-");
    const runs = this.runs.length > 1 ? ` · ${this.runs.length} runs` : "";
    document.getElementById("counts").textContent = `${sizes} network · ${this.samples[0].length} samples${runs}`;
    this.columns = layers.map((layer, k) => {
      const last = k === layers.length - 1;
      const drawnUnits = last ? [0] : layer.shown;
      const function_ = layer.functions.join(" · ");
      const count = `${layer.units} ${layer.units === 1 ? (k ? "unit" : "feature") : k ? "units" : "features"}`;
      const some = !last && layer.shown.length < layer.units ? `${layer.shown.length} of ${count}` : count;
      const head = element("div", { class: "column" }, element("b", {}, k === 0 ? "input" : last ? "answer" : function_ || "linear"), element("span", {}, some));
      const units = drawnUnits.map((_, unit) => this.#unit(k, unit, last));
      box.append(head, ...units.map((unit) => unit.button));
      return { head, units };
    });
    const lines = document.getElementById("lines");
    this.lines = layers.slice(1).flatMap((layer, k) => {
      const last = k === layers.length - 2;
      return (last ? [0] : layer.shown).flatMap((_, unit) => layers[k].shown.map((_, from) => ({ k: k + 1, unit, from, line: drawn("line") })));
    });
    lines.replaceChildren(...this.lines.map(({ line }) => line));
    this.#arrange();
  }

  #unit(layer, unit, last) {
    const canvas = element("canvas");
    const button = element("button", { class: "unit", type: "button", "aria-pressed": "false", click: () => this.choose(last ? null : [layer, unit]) }, canvas);
    return { button, canvas };
  }

  #arrange() {
    const most = Math.max(...this.columns.map(({ units }) => units.length));
    this.stage.style.setProperty("--most", most);
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const [above, below, beside] = width < 600 ? [56, 62, 8] : [56, 34, 28];
    const gap = width < 500 ? 5 : 9;
    const room = (height - above - below) / most - gap;
    const size = Math.floor(Math.max(Math.min(room, (width - 2 * beside) / (this.columns.length * 1.75), 84), 18));
    const way = (width - 2 * beside - size) / (this.columns.length - 1);
    this.columns.forEach(({ head, units }, k) => {
      const left = beside + k * way;
      const top = above + (height - above - below - units.length * (size + gap) + gap) / 2;
      const reach = head.offsetWidth / 2;
      head.style.left = `${Math.min(Math.max(left + size / 2, reach + 4), width - reach - 4)}px`;
      head.style.top = `${top - 46}px`;
      units.forEach((unit, j) => {
        unit.x = left;
        unit.y = top + j * (size + gap);
        Object.assign(unit.button.style, { left: `${unit.x}px`, top: `${unit.y}px`, width: `${size}px`, height: `${size}px` });
      });
    });
    for (const { k, unit, from, line } of this.lines) {
      const [start, end] = [this.columns[k - 1].units[from], this.columns[k].units[unit]];
      line.setAttribute("x1", start.x + size);
      line.setAttribute("y1", start.y + size / 2);
      line.setAttribute("x2", end.x);
      line.setAttribute("y2", end.y + size / 2);
    }
  }

  choose(unit) {
    this.chosen = unit && this.chosen && unit[0] === this.chosen[0] && unit[1] === this.chosen[1] ? null : unit;
    this.paint();
  }

  // What is seen at an epoch.

  paint() {
    if (!this.theme) return;
    const { frame } = this;
    const epoch = this.epochs[this.player.step];
    this.#verdict(frame, epoch);
    this.#maps(frame);
    this.#weights(frame);
    this.#large(frame);
    this.#points(frame);
    const others = this.runs.filter((run) => run !== this.run).map((run) => ({ xs: run.at, ys: run.loss, class: "other" }));
    const own = { xs: this.run.at, ys: this.run.loss, class: "mine" };
    this.chart.show([...others, own], { at: Math.min(epoch, this.run.at.at(-1)), end: this.epochs.at(-1), name: "loss over the epochs" });
    document.getElementById("place").textContent = `epoch ${epoch} / ${this.epochs.at(-1)}`;
  }

  #verdict(frame, epoch) {
    const [state, words] = this.run.said[frame];
    const pill = document.getElementById("state");
    pill.textContent = state;
    pill.className = `pill ${PILLS[state]}`;
    const loss = this.run.loss[frame];
    const after = this.over ? `Cut off at epoch ${this.run.at.at(-1)}, by an error. ` : "";
    document.getElementById("words").textContent = `${after}${words} ${loss === null ? "" : `Loss ${written(loss)}.`}`;
    this.stage.dataset.epoch = epoch;
  }

  #maps(frame) {
    const [scale, bad] = [this.levels[0], this.theme.bad];
    this.columns.forEach(({ units }, k) => {
      const layer = this.run.layers[k];
      units.forEach(({ button, canvas }, unit) => {
        const pressed = this.chosen !== null && this.chosen[0] === k && this.chosen[1] === unit;
        button.setAttribute("aria-pressed", String(pressed));
        button.setAttribute("aria-label", this.#name(k, unit, frame));
        button.title = this.#name(k, unit, frame);
        if (k === 0) this.#ramp(canvas, unit);
        else if (layer.field) {
          const values = layer.field(frame, unit);
          paintSmooth(canvas, values, this.side / 2, (value) => (value === BAD ? bad : this.shade(value / scale)));
        } else this.#paintAnswer(canvas, frame);
      });
    });
  }

  // An input is a map, too: it grows to the right, or upwards.
  #ramp(canvas, unit) {
    const [low, high] = this.region[unit];
    const most = Math.max(Math.abs(low), Math.abs(high));
    const values = Array.from({ length: 64 }, (_, k) => (low + ((high - low) * ((unit ? Math.floor(k / 8) : k % 8) + 0.5)) / 8) / most);
    paintSmooth(canvas, values, 8, (value) => this.shade(value));
  }

  #paintAnswer(canvas, frame) {
    const values = this.run.map[frame];
    if (this.run.signed) {
      paintSmooth(canvas, values, this.side, (value) => (value === BAD ? this.theme.bad : this.soft(value / this.levels[1])));
    } else paintPlain(canvas, values, this.side, (value) => this.kinds[Math.max(value, 0) >> 4][Math.max(value, 0) & 15]);
  }

  #name(k, unit, frame) {
    const layer = this.run.layers[k];
    if (k === 0) return `feature ${unit + 1}`;
    if (!layer.field) return "the answer of the network";
    const weights = this.run.layers[k - 1].shown.slice(0, 6).map((_, from) => written(layer.weight(frame, unit, from)));
    const more = this.run.layers[k - 1].shown.length > 6 ? ", …" : "";
    return `layer ${k}, unit ${layer.shown[unit] + 1}: weights ${weights.join(", ")}${more}; bias ${written(layer.bias(frame, unit))}`;
  }

  #weights(frame) {
    const { positive, negative, bad } = this.theme;
    for (const { k, unit, from, line } of this.lines) {
      const layer = this.run.layers[k];
      const weight = layer.weight(frame, unit, from);
      const part = Number.isFinite(weight) ? Math.min(Math.abs(weight) / layer.largest, 1) : 1;
      line.setAttribute("stroke", css(Number.isFinite(weight) ? (weight > 0 ? positive : negative) : bad));
      line.setAttribute("stroke-width", (0.4 + 5 * part).toFixed(2));
      line.setAttribute("stroke-opacity", (0.12 + 0.8 * part).toFixed(2));
      line.setAttribute("stroke-dasharray", weight < 0 ? "5 6" : "none");
    }
  }

  #large(frame) {
    const words = document.getElementById("shown");
    let name = "what the network answers";
    if (this.chosen === null) this.#paintAnswer(this.answer, frame);
    else {
      const [k, unit] = this.chosen;
      const layer = this.run.layers[k];
      if (k === 0) {
        name = `feature ${unit + 1}`;
        this.#ramp(this.answer, unit);
      } else {
        const values = layer.field(frame, unit);
        name = `layer ${k}, unit ${layer.shown[unit] + 1}: full colour is ${written(layer.scales[frame])}`;
        paintSmooth(this.answer, values, this.side / 2, (value) => (value === BAD ? this.theme.bad : this.shade(value / this.levels[0])));
      }
    }
    words.textContent = name;
    this.answer.setAttribute("aria-label", `Map of the plane: ${name}. ${this.run.said[frame][1]}`);
  }

  // The samples, with those that are told wrong ringed in black.

  #classes() {
    const names = document.getElementById("classes");
    const mark = (k) => drawn("svg", { viewBox: "-6 -6 12 12" }, drawn("path", { d: MARKS[k], fill: `var(--class${k})` }));
    for (let k = 0; k < this.count; k++) names.append(element("span", {}, mark(k), `class ${k}`));
    const kinds = this["classes of samples"];
    const place = (value, [low, high]) => (100 * (value - low)) / (high - low);
    this.points = kinds.map((kind, k) => {
      const [x, y] = [place(this.samples[0][k], this.region[0]), 100 - place(this.samples[1][k], this.region[1])];
      const path = drawn("path", { class: "sample", d: MARKS[kind], fill: `var(--class${kind})`, transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(0.36)` });
      return { path, kind };
    });
    const wrong = drawn("path", { d: MARKS[0], fill: "none", stroke: "currentColor", "stroke-width": 2 });
    names.append(element("span", {}, drawn("svg", { viewBox: "-6 -6 12 12" }, wrong), "dark ring: told wrong"));
    document.getElementById("samples").append(...this.points.map(({ path }) => path));
  }

  #points(frame) {
    this.points.forEach(({ path, kind }, k) => path.classList.toggle("wrong", this.run.told[frame][k] !== kind));
  }
}

whenRead((data, bytes) => new Replay(data, bytes));
