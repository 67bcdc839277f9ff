// What of the picture is lit, waiting or done at a step.

class Painter {
  constructor(graph, stage) {
    this.graph = graph;
    this.stage = stage;
  }

  paint(step, selected) {
    const { phase, id } = this.graph.at(step);
    const svg = document.getElementById("svg");
    svg.setAttribute("class", phase);
    const lit = id === null ? null : this.stage.owner(id);
    const receiving = phase === "backward" ? this.#receivers(id) : new Set();
    for (const [key, boxes] of this.stage.boxes) {
      const state = {
        waiting: phase === "forward" && this.#times(key).starts > step,
        graded: phase === "ready" || this.#times(key).complete <= step,
        lit: key === lit,
        receiving: receiving.has(key) && key !== lit,
        selected: selected !== null && key === this.stage.owner(selected),
      };
      for (const box of boxes) {
        for (const [name, on] of Object.entries(state)) box.classList.toggle(name, on);
        if (state.lit) box.setAttribute("aria-current", "step");
        else box.removeAttribute("aria-current");
      }
    }
    for (const line of this.stage.lines) this.#line(line, step, phase, id, lit);
    return lit;
  }

  #line({ line, head, source, target, position }, step, phase, id, lit) {
    const read = id !== null && target === lit && this.#reads(id, source, target, position, phase);
    const state = {
      waiting: phase === "forward" && this.#times(target).starts > step,
      cold: phase === "forward" || (phase === "backward" && this.#times(target).sends > step),
      flowing: read,
    };
    for (const part of head ? [line, head] : [line]) {
      for (const [name, on] of Object.entries(state)) part.classList.toggle(name, on);
    }
  }

  // Whether a line belongs to the operation of this step, forward or with a gradient.
  #reads(id, source, target, position, phase) {
    return this.graph.readings(id).some((reading) => {
      if (phase === "backward" && reading.sent === null) return false;
      if (target === id && position !== null && reading.position !== position) return false;
      return this.#drawnAs(reading.source, source);
    });
  }

  // A leaf's line may go through a bead, which is the operation's input in its place.
  #drawnAs(id, key) {
    const bead = this.graph.nodes[id].inputs[0]?.[0];
    return this.stage.owner(id) === key || id === key || bead === key;
  }

  #receivers(id) {
    const readings = this.graph.readings(id).filter((reading) => reading.sent !== null);
    return new Set(readings.map((reading) => this.stage.owner(reading.source)));
  }

  // When a box is computed, when it sends gradients, and when its own are complete. A closed box
  // stands for many rows, so this is found once for each picture.
  #times(key) {
    const { scene } = this.stage;
    scene.times ??= new Map();
    if (!scene.times.has(key)) scene.times.set(key, this.#found(key));
    return scene.times.get(key);
  }

  #found(key) {
    const rows = this.#rows(key);
    const { forwardAt, backwardAt } = this.graph;
    const complete = rows.map((id) => this.graph.completeAt(id)).filter((at) => at !== null);
    const most = (times, other) => times.reduce((a, b) => Math.max(a, b), other);
    return {
      starts: forwardAt.get(rows[0]) ?? 0,
      sends: -most(rows.map((id) => -(backwardAt.get(id) ?? Infinity)), -Infinity),
      complete: complete.length ? most(complete, 0) : Infinity,
    };
  }

  #rows(key) {
    const closed = this.stage.scene.closed[key];
    if (!closed) return [key];
    const forward = this.graph.forwardAt;
    return this.graph.forward.slice(forward.get(closed[4]) - 1, forward.get(closed[5]));
  }
}
