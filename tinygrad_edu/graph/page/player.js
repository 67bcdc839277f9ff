// Buttons, slider and keys: which step it is.

const ICONS = {
  back: "M14 6l-6 6 6 6", next: "M10 6l6 6-6 6", play: "M9 6.5v11l9-5.5z",
  pause: "M8 7h2.6v10H8zM13.4 7H16v10h-2.6z", closer: "M12 6v12M6 12h12", farther: "M6 12h12",
};

function icon(name) {
  const svg = document.createElementNS(DRAWING, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", name === "play" || name === "pause" ? "icon full" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(DRAWING, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

class Player {
  constructor(graph, changed) {
    this.graph = graph;
    this.changed = changed;
    this.step = 0;
    this.timer = null;
    this.slider = document.getElementById("slider");
    this.button = document.getElementById("play");
    this.slider.max = graph.last;
    this.slider.addEventListener("input", () => this.#by(Number(this.slider.value)));
    for (const [name, turn] of [["back", -1], ["next", 1]]) {
      const button = document.getElementById(name);
      button.append(icon(name));
      button.addEventListener("click", () => this.#by(this.step + turn));
    }
    this.button.append(icon("play"));
    this.button.addEventListener("click", () => this.toggle());
    const share = graph.last ? graph.forward.length / graph.last : 1;
    this.slider.style.setProperty("--split", `${100 * share}%`);
    document.querySelector(".halves").style.setProperty("--split", `${100 * share}%`);
    document.getElementById("second").hidden = !graph.backward.length;
  }

  // A step that the user asked for ends the playing.
  #by(step) {
    this.stop();
    this.go(step);
  }

  go(step) {
    this.step = Math.min(Math.max(Math.round(step), 0), this.graph.last);
    const { phase, turn, turns } = this.graph.at(this.step);
    const words = this.graph.step(this.step);
    this.slider.value = this.step;
    this.slider.setAttribute("aria-valuetext", words);
    this.slider.className = phase;
    const part = this.graph.last ? this.step / this.graph.last : 0;
    this.slider.style.setProperty("--at", String(part));
    const place = document.getElementById("place");
    place.textContent = phase === "ready" ? `0 / ${this.graph.last}` : `${this.step} / ${this.graph.last}`;
    if (this.timer === null || turn === 1 || turn === turns) {
      document.getElementById("said").textContent = words;
    }
    this.changed(this.step);
  }

  toggle() {
    if (this.timer !== null) return this.stop();
    if (this.step >= this.graph.last) this.go(0);
    const pause = Math.min(Math.max(24000 / (this.graph.last || 1), 90), 900);
    this.timer = setInterval(() => {
      if (this.step >= this.graph.last) this.stop();
      else this.go(this.step + 1);
    }, pause);
    this.#look("pause", "Pause");
    return undefined;
  }

  stop() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    this.#look("play", "Play");
  }

  #look(name, words) {
    this.button.replaceChildren(icon(name));
    this.button.setAttribute("aria-label", words);
  }

  // Keys that mean a step. Sliders and fields have keys of their own.
  key(event) {
    const moves = {
      ArrowRight: this.step + 1, ArrowDown: this.step + 1, ArrowLeft: this.step - 1,
      ArrowUp: this.step - 1, PageDown: this.step + 10, PageUp: this.step - 10, Home: 0,
      End: this.graph.last,
    };
    if (event.key in moves) this.#by(moves[event.key]);
    else if (event.key === " ") this.toggle();
    else return false;
    return true;
  }
}
