// Buttons, slider and keys: which step it is.

class Player {
  // words(step) says a step, stops(step) whether it is said while playing, pause the milliseconds
  // between steps, changed(step) shows it.
  constructor({ last, words, changed, stops = () => false, pause = 0 }) {
    Object.assign(this, { last, words, changed, stops, pause });
    this.step = 0;
    this.timer = null;
    this.slider = document.getElementById("slider");
    this.button = document.getElementById("play");
    this.slider.max = last;
    this.slider.addEventListener("input", () => this.#by(Number(this.slider.value)));
    for (const [name, turn] of [["back", -1], ["next", 1]]) {
      const button = document.getElementById(name);
      button.append(icon(name));
      button.addEventListener("click", () => this.#by(this.step + turn));
    }
    this.button.append(icon("play"));
    this.button.addEventListener("click", () => this.toggle());
  }

  // A step that the user asked for ends the playing.
  #by(step) {
    this.stop();
    this.go(step);
  }

  go(step) {
    this.step = Math.min(Math.max(Math.round(step), 0), this.last);
    const words = this.words(this.step);
    this.slider.value = this.step;
    this.slider.setAttribute("aria-valuetext", words);
    this.slider.style.setProperty("--at", String(this.last ? this.step / this.last : 0));
    document.getElementById("place").textContent = `${this.step} / ${this.last}`;
    if (this.timer === null || this.stops(this.step)) {
      document.getElementById("said").textContent = words;
    }
    this.changed(this.step);
  }

  toggle() {
    if (this.timer !== null) return this.stop();
    if (this.step >= this.last) this.go(0);
    const pause = this.pause || Math.min(Math.max(24000 / (this.last || 1), 90), 900);
    this.timer = setInterval(() => {
      if (this.step >= this.last) this.stop();
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
      End: this.last,
    };
    if (event.key in moves) this.#by(moves[event.key]);
    else if (event.key === " ") this.toggle();
    else return false;
    return true;
  }
}
