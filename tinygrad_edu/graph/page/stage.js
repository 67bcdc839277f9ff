// The picture: one scene at a time, and where the window stands over it.

const SMALLEST = 0.04;
const LARGEST = 6;
const READABLE = 0.72;
const SCARCELY = 0.5; // rather than that something is beside the window

class Stage {
  constructor(graph) {
    this.graph = graph;
    this.window = document.getElementById("stage");
    this.view = document.getElementById("view");
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.x = this.y = 0;
    this.scale = 1;
    this.key = "";
  }

  // Draw a scene. It is read as XML and put in as elements: nothing of it runs.
  show(key) {
    this.key = key;
    this.scene = this.graph.scenes[key];
    const text = `<svg xmlns="${DRAWING}">${this.scene.body}</svg>`;
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    this.view.replaceChildren(...[...parsed.childNodes].map((node) => document.adoptNode(node)));
    this.#index();
    this.#name();
    this.fit();
  }

  #index() {
    this.boxes = new Map();
    for (const box of this.view.querySelectorAll(".node")) {
      const drawn = this.boxes.get(box.dataset.id) ?? [];
      this.boxes.set(box.dataset.id, [...drawn, box]);
    }
    this.lines = [...this.view.querySelectorAll(".edge")].map((line) => {
      const [source, target, place] = line.dataset.edge.split(":");
      const head = line.nextElementSibling?.tagName === "polygon" ? line.nextElementSibling : null;
      return { line, head, source, target, position: place.endsWith("x") ? null : Number(place) };
    });
    this.inside = new Map(); // rows in closed boxes
    const numbers = new Map(this.graph.forward.map((id, k) => [id, k]));
    for (const [key, [, , , , first, last]] of Object.entries(this.scene.closed)) {
      for (let k = numbers.get(first); k <= numbers.get(last); k++) {
        if (!this.boxes.has(this.graph.forward[k])) this.inside.set(this.graph.forward[k], key);
      }
    }
  }

  // Every box can be reached by the keyboard, and says what it is.
  #name() {
    for (const [key, boxes] of this.boxes) {
      for (const box of boxes) {
        box.setAttribute("tabindex", "0");
        box.setAttribute("role", "button");
        box.setAttribute("aria-label", this.#label(key));
        box.querySelector("title")?.remove(); // the page has a tool tip of its own
      }
    }
    for (const title of this.view.querySelectorAll(".title")) {
      title.setAttribute("tabindex", "0");
      title.setAttribute("role", "button");
      title.setAttribute("aria-label", `close module ${title.dataset.module}`);
    }
  }

  #label(key) {
    if (key in this.scene.closed) {
      const [kind, title, , rows] = this.scene.closed[key];
      return `${kind === "module" ? "open module " : "folded: "}${title}, ${rows} operations`;
    }
    const node = this.graph.nodes[key];
    const kind = { op: "operation", gradient: "operation of a gradient" }[node.kind] ?? node.kind;
    return [kind, node.label, node.shape && `shape ${node.shape}`].filter(Boolean).join(", ");
  }

  // Where a node is in this scene: its own box, the closed box it is in, or its reader's.
  owner(id) {
    for (let k = 0; k < 3 && id !== undefined; k++) {
      if (this.boxes.has(id)) return id;
      if (this.inside.has(id)) return this.inside.get(id);
      id = this.graph.readers.get(id)?.[0]?.target;
    }
    return null;
  }

  // The scene in which a node is drawn as itself, or the best there is.
  sceneFor(id) {
    if (this.boxes.has(id)) return this.key;
    const node = this.graph.nodes[id];
    const reader = node.inputs.length ? id : (this.graph.readers.get(id)[0]?.target ?? id);
    const own = this.graph.around(reader).filter((path) => path in this.graph.scenes);
    return own.at(-1) ?? this.key;
  }

  // The window

  size() {
    const { width, height } = this.window.getBoundingClientRect();
    return { width, height: height - (document.getElementById("legend").offsetHeight + 12) };
  }

  place(x, y, scale) {
    this.x = x;
    this.y = y;
    this.scale = scale;
    this.view.setAttribute("transform", `translate(${x},${y}) scale(${scale})`);
  }

  move(dx, dy) {
    cancelAnimationFrame(this.gliding);
    this.place(this.x + dx, this.y + dy, this.scale);
  }

  // Zoom so that what is at a point of the window stays there.
  zoom(factor, at = null) {
    cancelAnimationFrame(this.gliding);
    const { width, height } = this.size();
    const [u, v] = at ?? [width / 2, height / 2];
    const scale = Math.min(Math.max(this.scale * factor, SMALLEST), LARGEST);
    const ratio = scale / this.scale;
    this.place(u - (u - this.x) * ratio, v - (v - this.y) * ratio, scale);
  }

  // All of the scene if that can be read, else its beginning; `whole` in any case.
  fit(whole = false) {
    cancelAnimationFrame(this.gliding);
    const { width, height } = this.size();
    const fitting = Math.min(width / (this.scene.width + 48), height / (this.scene.height + 48), 1.5);
    const across = Math.min(width / (this.scene.width + 48), READABLE);
    const readable = across < SCARCELY ? READABLE : across;
    const scale = Math.max(fitting, whole ? SMALLEST : readable);
    const opened = this.#frame();
    const left = (width - this.scene.width * scale) / 2;
    const top = Math.max((height - this.scene.height * scale) / 2, 24);
    this.place(left, top, scale);
    if (opened && scale > fitting) this.#towards(opened, width, height);
    else if (scale > fitting && left < 0) this.#towards(this.view.querySelector(".node"), width, 0);
  }

  // The frame of the module that the scene is about; frames and titles come in one order.
  #frame() {
    const titles = [...this.view.querySelectorAll(".title")];
    const place = titles.findIndex((title) => title.dataset.module === this.key);
    return this.view.querySelectorAll("rect.module")[place];
  }

  // Bring an element to the middle across, or its left end to the left; down, only with a height.
  #towards(box, width, height) {
    if (!box) return;
    const found = box.getBBox();
    const room = Math.max((width - found.width * this.scale) / 2, 24);
    const y = height ? 40 - found.y * this.scale : this.y;
    this.place(room - found.x * this.scale, y, this.scale);
  }

  // Move the window, if it has to, so that a box is in it.
  reveal(box, quick = this.calm.matches) {
    const found = box.getBoundingClientRect();
    const frame = this.window.getBoundingClientRect();
    const margin = 48;
    const bottom = frame.top + this.size().height;
    const out = (low, high, start, end) => {
      if (high - low > end - start) return (start + end - low - high) / 2;
      return low < start ? start - low : high > end ? end - high : 0;
    };
    const dx = out(found.left, found.right, frame.left + margin, frame.right - margin);
    const dy = out(found.top, found.bottom, frame.top + margin, bottom - margin);
    if (Math.abs(dx) + Math.abs(dy) < 1) return;
    // Far enough that the next steps are in sight, too.
    const ahead = Math.sign(dy) * Math.min(0.3 * frame.height, dy ? 200 : 0);
    this.#glide(this.x + dx, this.y + dy + ahead, quick);
  }

  #glide(x, y, quick) {
    cancelAnimationFrame(this.gliding);
    if (quick) return this.place(x, y, this.scale);
    const [startX, startY, began] = [this.x, this.y, performance.now()];
    const frame = (now) => {
      const part = Math.min((now - began) / 220, 1);
      const eased = 1 - (1 - part) ** 3;
      this.place(startX + (x - startX) * eased, startY + (y - startY) * eased, this.scale);
      if (part < 1) this.gliding = requestAnimationFrame(frame);
    };
    this.gliding = requestAnimationFrame(frame);
    return undefined;
  }
}
