// Mouse, pen, touch and wheel over the picture.

const SLIP = 6; // a press that moves less is a click

class Gestures {
  constructor(stage, pressed, hovered) {
    this.stage = stage;
    this.pressed = pressed;
    this.hovered = hovered;
    this.pointers = new Map();
    const area = stage.window;
    area.addEventListener("pointerdown", (event) => this.#down(event));
    area.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      area.addEventListener(end, (event) => this.#up(event, end === "pointerup"));
    }
    area.addEventListener("pointerleave", () => hovered(null));
    area.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #down(event) {
    if (event.button !== 0 || event.target.closest("button")) return;
    if (!this.pointers.size) {
      this.from = event.target;
      this.slipped = 0;
    }
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    // Captured by the stage, so that a drag may leave it; what was pressed is remembered.
    this.stage.window.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") this.hovered(event.target.closest?.(".node"), event);
      return;
    }
    const now = [event.clientX, event.clientY];
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
    this.pointers.set(event.pointerId, now);
    this.slipped += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (others.length) this.#pinch(before, now, others[0][1]);
    else if (this.slipped > SLIP) this.stage.move(now[0] - before[0], now[1] - before[1]);
    if (this.slipped > SLIP) this.hovered(null);
  }

  #pinch(before, now, other) {
    this.slipped += SLIP;
    const length = ([x, y]) => Math.hypot(x - other[0], y - other[1]) || 1;
    const frame = this.stage.window.getBoundingClientRect();
    const middle = [(now[0] + other[0]) / 2 - frame.left, (now[1] + other[1]) / 2 - frame.top];
    this.stage.move((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    this.stage.zoom(length(now) / length(before), middle);
  }

  #up(event, finished) {
    const known = this.pointers.delete(event.pointerId);
    if (known && finished && !this.pointers.size && this.slipped <= SLIP) {
      this.pressed(this.from.closest?.(".node, .title"));
    }
  }

  // A wheel zooms, two fingers on a pad move: those send small steps, and both directions.
  #wheel(event) {
    event.preventDefault();
    const frame = this.stage.window.getBoundingClientRect();
    const at = [event.clientX - frame.left, event.clientY - frame.top];
    const pad = event.deltaMode === 0 && (Math.abs(event.deltaY) < 40 || event.deltaX !== 0);
    if (pad && !event.ctrlKey && !event.metaKey) this.stage.move(-event.deltaX, -event.deltaY);
    else this.stage.zoom(Math.exp(-event.deltaY * (pad ? 0.01 : 0.0016)), at);
  }
}
