// What the page knows of the graph: nodes, who reads what, and what happens in which step.

class Graph {
  constructor(data) {
    Object.assign(this, data);
    this.ids = Object.keys(this.nodes);
    this.last = this.forward.length + this.backward.length;
    this.forwardAt = new Map(this.forward.map((id, k) => [id, k + 1]));
    this.backwardAt = new Map(this.backward.map((id, k) => [id, this.forward.length + k + 1]));
    this.readers = new Map(this.ids.map((id) => [id, []]));
    for (const id of this.ids) {
      for (const reading of this.readings(id)) this.readers.get(reading.source)?.push(reading);
    }
  }

  // The inputs of an operation, in the order of its arguments.
  readings(id) {
    return this.nodes[id].inputs.map(([source, called, tracked, sent], position) => ({
      source, target: id, called, tracked, sent, position,
    }));
  }

  // Step 0 is the picture as a whole, then come the values, then the gradients.
  at(step) {
    const values = this.forward.length;
    if (step === 0) return { phase: "ready", id: null, turn: 0, turns: 0 };
    if (step <= values) {
      return { phase: "forward", id: this.forward[step - 1], turn: step, turns: values };
    }
    const turn = step - values;
    return {
      phase: "backward", id: this.backward[turn - 1], turn, turns: this.backward.length,
    };
  }

  // What a node's gradient is the sum of, in the order in which it arrives.
  contributions(id) {
    const sent = this.readers.get(id).filter((reading) => reading.sent !== null);
    return sent.sort((a, b) => this.#when(a) - this.#when(b) || a.position - b.position);
  }

  #when(reading) {
    return this.backwardAt.get(reading.target) ?? Infinity;
  }

  // The step after which a node's gradient is complete; null if it has none.
  completeAt(id) {
    if (this.nodes[id].adjoint === null) return null;
    const steps = this.contributions(id).map((reading) => this.#when(reading));
    return Math.max(this.forward.length + (steps.length ? 0 : 1), ...steps);
  }

  // The module calls around a node, outermost first.
  around(id) {
    return this.enclosing(this.nodes[id].module);
  }

  enclosing(path) {
    const found = [];
    const parts = path ? path.split(".") : [];
    for (let k = 1; k <= parts.length; k++) {
      const prefix = parts.slice(0, k).join(".");
      if (Object.hasOwn(this.modules, prefix)) found.push(prefix);
    }
    return found;
  }

  array(place) {
    return place === null || place === undefined ? null : this.arrays[place];
  }

  gradientName(id) {
    return `∂${this.result}/∂${this.nodes[id].label}`;
  }

  step(step) {
    const { phase, id, turn, turns } = this.at(step);
    if (phase === "ready") return "the whole picture";
    return `${phase} ${turn} of ${turns}: ${this.nodes[id].label}`;
  }
}
