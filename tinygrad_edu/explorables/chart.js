// A small chart of lines over steps, with the step that is shown marked.

class Chart {
  // lines: {xs, ys, class, colour?, dash?}; ys may hold null. The last one lies on top.
  constructor(box, label) {
    this.svg = drawn("svg", { class: "chart", role: "img", "aria-label": label });
    box.append(this.svg);
    this.label = label;
  }

  show(lines, { at, end, name, left = 0 }) {
    const [width, height] = [this.svg.clientWidth || 340, this.svg.clientHeight || 130];
    const frame = { left: 44, right: 10, top: 18, bottom: 20 };
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const all = lines.flatMap((line) => [...line.ys]).filter((y) => y !== null && Number.isFinite(y));
    let [low, high] = [Math.min(...all), Math.max(...all)];
    const log = low > 0 && high > 12 * low;
    const scale = log ? Math.log10 : (y) => y;
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
    const [bottom, top] = [scale(low), scale(high)];
    const x = (value) => frame.left + ((value - left) / ((end - left) || 1)) * (width - frame.left - frame.right);
    const y = (value) => height - frame.bottom - ((scale(value) - bottom) / (top - bottom)) * (height - frame.top - frame.bottom);
    const parts = [];
    for (const value of [low, log ? 10 ** ((bottom + top) / 2) : (low + high) / 2, high]) {
      parts.push(drawn("line", { class: "grid", x1: frame.left, x2: width - frame.right, y1: y(value), y2: y(value) }));
      parts.push(drawn("text", { x: frame.left - 6, y: y(value) + 3.5, "text-anchor": "end" }, written(Number(value.toPrecision(2)))));
    }
    parts.push(drawn("text", { x: frame.left, y: height - 5 }, String(left)));
    parts.push(drawn("text", { x: width - frame.right, y: height - 5, "text-anchor": "end" }, String(end)));
    parts.push(drawn("text", { class: "name", x: frame.left, y: 11 }, log ? `${name}, in decades` : name));
    parts.push(drawn("line", { class: "now", x1: x(at), x2: x(at), y1: frame.top, y2: height - frame.bottom }));
    for (const line of lines) parts.push(...this.#line(line, x, y, at));
    this.svg.replaceChildren(...parts);
  }

  #line(line, x, y, at) {
    let path = "";
    let pen = false;
    line.ys.forEach((value, k) => {
      const seen = value !== null && Number.isFinite(value);
      if (seen) path += `${pen ? "L" : "M"}${x(line.xs[k]).toFixed(1)},${y(value).toFixed(1)}`;
      pen = seen;
    });
    const parts = [drawn("path", { class: line.class, d: path || "M0,0", stroke: line.colour, "stroke-dasharray": line.dash })];
    const k = line.xs.findLastIndex((place) => place <= at);
    if (line.class !== "other" && k >= 0 && line.ys[k] !== null) {
      parts.push(drawn("circle", { class: "dot", cx: x(line.xs[k]), cy: y(line.ys[k]), r: 4, fill: line.colour }));
    }
    return parts;
  }
}
