// Optimizers on their way down, at a step and a learning rate.

const DASHES = ["none", "7 4", "2 4", "9 3 2 3", "none", "7 4", "2 4", "9 3 2 3"];

class Race {
  constructor(data, bytes) {
    Object.assign(this, data);
    this.heightsOf = floats(bytes, this.map);
    this.ways.flat().forEach((way) => { way.points = floats(bytes, way.points); });
    this.rate = this.first;
    this.hidden = new Set();
    document.getElementById("title").textContent = this.title;
    document.getElementById("counts").textContent = `${this.names.length} optimizers · ${this.steps} steps · ${this.rates.length} learning rates`;
    this.canvas = document.getElementById("map");
    this.svg = document.getElementById("ways");
    this.chart = new Chart(document.getElementById("heights"), "Heights over the steps");
    this.player = new Player({
      last: this.steps, pause: 90,
      words: (step) => `step ${step}: ${this.#sentence(step)}`,
      changed: () => this.paint(),
    });
    this.#table();
    this.#slider();
    this.theme = new Theme(() => this.theme && this.#ground());
    this.#ground();
    addEventListener("resize", () => this.#ground());
    listen(this.player);
    this.player.go(this.player.last);
  }

  #slider() {
    const slider = document.getElementById("rate");
    slider.max = this.rates.length - 1;
    slider.value = this.rate;
    document.getElementById("knobs").hidden = this.rates.length < 2;
    slider.addEventListener("input", () => {
      this.rate = Number(slider.value);
      this.player.go(this.player.step);
    });
  }

  #table() {
    const body = document.querySelector("#racers tbody");
    this.rows = this.names.map((name, k) => {
      const line = drawn("path", { d: "M0,6H26", stroke: `var(--class${k})`, "stroke-width": 3, "stroke-dasharray": DASHES[k] });
      const button = element("button", { type: "button", "aria-pressed": "true", title: "Show or hide", click: () => this.#toggle(k, button) }, name);
      const state = element("span", { class: "pill" });
      const height = element("td");
      body.append(element("tr", {}, element("td", {}, drawn("svg", { viewBox: "0 0 26 12", "aria-hidden": "true" }, line), button), element("td", {}, state), height));
      return { state, height };
    });
  }

  #toggle(k, button) {
    if (!this.hidden.delete(k)) this.hidden.add(k);
    button.setAttribute("aria-pressed", String(!this.hidden.has(k)));
    this.paint();
  }

  // Bands of height, with a line where one ends.
  #ground() {
    const { canvas, ink, muted } = this.theme;
    const shade = toward(canvas, muted, 0.6);
    const [low, high] = canvas[0] > 128 ? [shade, canvas] : [canvas, shade];
    const bands = Array.from({ length: this.bands + 1 }, (_, k) => toward(low, high, (k / this.bands) ** 0.8));
    const size = fitted(this.canvas);
    const seen = new Uint8Array(size * size);
    let pixel = 0;
    paintSmooth(this.canvas, this.heightsOf, this.side, (height) => {
      const band = Math.min(Math.floor(height), this.bands);
      seen[pixel++] = band;
      return bands[band];
    }, (pixels) => {
      for (let k = 0; k < seen.length - size - 1; k++) {
        if (seen[k] === seen[k + 1] && seen[k] === seen[k + size]) continue;
        pixels.set(toward(bands[seen[k]], ink, 0.2), 4 * k);
      }
    });
    this.paint();
  }

  #state(k, step) {
    const way = this.ways[this.rate][k];
    if (way.diverged !== null && step >= way.diverged) return ["diverged", "bad"];
    if (way.converged !== null && step >= way.converged) return ["converged", "good"];
    return step === this.steps ? ["still running", "going"] : ["running", "going"];
  }

  #height(k, step) {
    const { heights } = this.ways[this.rate][k];
    return heights[Math.min(step, heights.length - 1)];
  }

  #sentence(step) {
    const states = this.names.map((name, k) => [name, this.#state(k, step)[0]]);
    const said = ["converged", "diverged"].flatMap((state) => {
      const names = states.filter(([, own]) => own === state).map(([name]) => name);
      return names.length ? [`${names.join(", ")} ${names.length > 1 ? "have" : "has"} ${state}`] : [];
    });
    const on = states.filter(([, own]) => own.includes("running")).map(([name]) => name);
    const all = on.length === this.names.length && on.length > 1;
    if (on.length) said.push(`${all ? "All" : on.join(", ")} ${on.length > 1 ? "are" : "is"} on the way`);
    const alive = this.names.map((name, k) => [this.#height(k, step), name, this.#state(k, step)[0]]).filter(([height, , state]) => height !== null && state !== "diverged");
    const lowest = alive.length ? alive.reduce((best, one) => (one[0] < best[0] ? one : best))[1] : null;
    return `${said.join("; ")}.${lowest && step > 0 ? ` Lowest: ${lowest}.` : ""}`;
  }

  paint() {
    if (!this.theme) return;
    const { step } = this.player;
    const words = this.#sentence(step);
    document.getElementById("words").textContent = words;
    const rate = this.rates[this.rate];
    document.getElementById("rate-said").textContent = rate;
    document.getElementById("rate").setAttribute("aria-valuetext", `${rate}: ${words}`);
    document.getElementById("place").textContent = `step ${step} / ${this.steps}`;
    this.canvas.setAttribute("aria-label", `Map of the surface. Learning rate ${rate}. ${words}`);
    this.rows.forEach(({ state, height }, k) => {
      const [said, kind] = this.#state(k, step);
      state.textContent = said;
      state.className = `pill ${kind}`;
      const value = this.#height(k, step);
      height.textContent = value === null ? "not finite" : written(Number(value.toPrecision(3)));
    });
    this.#ways(step);
    const lines = this.names.flatMap((_, k) => {
      if (this.hidden.has(k)) return [];
      const ys = this.ways[this.rate][k].heights;
      return [{ xs: ys.map((_, j) => j), ys: ys.map((y, j) => (j <= step ? y : null)), class: "racer", colour: css(this.theme.classes[k]), dash: DASHES[k] }];
    });
    this.chart.show(lines, { at: step, end: this.steps, name: "height over the steps" });
  }

  #ways(step) {
    const [width, height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 400];
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const [[left, right], [low, high]] = this.region;
    const far = 4 * width;
    const clip = (value) => Math.min(Math.max(value, -far), far);
    const at = (points, k) => [clip(((points[2 * k] - left) / (right - left)) * width), clip(height - ((points[2 * k + 1] - low) / (high - low)) * height)];
    const parts = [];
    this.names.forEach((_, k) => {
      if (this.hidden.has(k)) return;
      const { points } = this.ways[this.rate][k];
      const colour = css(this.theme.classes[k]);
      const count = Math.min(step, points.length / 2 - 1);
      let path = "";
      for (let j = 0; j <= count; j++) {
        const [x, y] = at(points, j);
        if (Number.isFinite(x + y)) path += `${path ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`;
      }
      if (!path) return;
      parts.push(drawn("path", { class: "halo", d: path }), drawn("path", { class: "way", d: path, stroke: colour, "stroke-dasharray": DASHES[k] }));
      parts.push(this.#head(at(points, count), this.#state(k, step)[0], colour, [width, height]));
    });
    const [x, y] = at(this.ways[this.rate][0].points, 0);
    parts.push(drawn("circle", { class: "begin", cx: x, cy: y, r: 6 }));
    this.svg.replaceChildren(...parts);
  }

  // Where an optimizer is; one that left the map waits at its border.
  #head([x, y], state, colour, [width, height]) {
    const inside = [Math.min(Math.max(x, 9), width - 9), Math.min(Math.max(y, 9), height - 9)];
    const place = `translate(${inside[0].toFixed(1)} ${inside[1].toFixed(1)})`;
    const shape = {
      diverged: "M-6,-6L6,6M6,-6L-6,6", converged: "M0,0V-16L11,-12L0,-8",
    }[state];
    const dot = drawn("circle", { class: "head", r: 5.5, fill: colour });
    if (!shape) return drawn("g", { transform: place }, dot);
    const lost = state === "diverged";
    const halo = drawn("path", { d: shape, stroke: css(this.theme.canvas), "stroke-width": 5, fill: "none" });
    const sign = drawn("path", { d: shape, stroke: colour, "stroke-width": lost ? 3 : 2, fill: lost ? "none" : colour });
    return drawn("g", { transform: place }, halo, ...(lost ? [] : [dot]), sign);
  }
}

whenRead((data, bytes) => new Race(data, bytes));
