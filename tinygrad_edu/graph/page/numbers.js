// Numbers as text, as colours, as tables and as histograms.

function mixed(start, end, part) {
  const channel = (colour, k) => parseInt(colour.slice(1 + 2 * k, 3 + 2 * k), 16);
  const blend = (k) => Math.round(channel(start, k) + (channel(end, k) - channel(start, k)) * part);
  return `rgb(${blend(0)} ${blend(1)} ${blend(2)})`;
}

// Black or white, whichever can be read on a colour (relative luminance of WCAG 2).
function inkOn(colour) {
  const channels = colour.startsWith("#")
    ? [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16))
    : colour.match(/\d+/g).map(Number);
  const [r, g, b] = channels.map((c) => {
    const share = c / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.2 ? "#0f172a" : "#ffffff";
}

// Values have other colours than gradients, so that nobody takes one for the other.
const VALUES = { positive: "#0d9488", negative: "#7c3aed" };

class Numbers {
  constructor(colours) {
    this.colours = colours;
  }

  // The colour of a gradient by its size, on a scale that is the same for every graph.
  heat(size) {
    const { bad, canvas, stops } = this.colours;
    if (typeof size !== "number") return bad;
    if (size === 0) return canvas;
    const power = Math.min(Math.max(Math.log10(size), stops[0][0]), stops.at(-1)[0]);
    for (let k = 1; k < stops.length; k++) {
      const [[low, start], [high, end]] = [stops[k - 1], stops[k]];
      if (power <= high) return mixed(start, end, (power - low) / (high - low));
    }
    return stops.at(-1)[1];
  }

  chip(size, words = `rms ${written(size)}`) {
    const made = element("span", { class: "chip" }, words);
    made.style.background = this.heat(size);
    made.style.color = inkOn(this.heat(size));
    if (size === 0) made.classList.add("none");
    return made;
  }

  // A headline and the numbers. Gradients have the chip with their size.
  array(name, entry, { gradient = false, note = "" } = {}) {
    const head = element("div", { class: "name" }, element("b", {}, name));
    const box = element("section", { class: "array" }, head);
    if (note) head.append(element("span", { class: "note" }, note));
    if (!entry) return box;
    if (entry.shape) head.append(element("span", { class: "shape" }, entry.shape));
    if (gradient && entry.rms !== undefined) head.append(this.chip(entry.rms));
    if (entry.rows) box.append(this.#table(entry, gradient));
    else if (entry.bins) box.append(this.#histogram(entry));
    if (!entry.size) box.append(element("p", { class: "facts" }, "empty"));
    if (entry.odd) {
      box.append(element("p", { class: "facts" }, `${entry.odd} of ${entry.size} not finite`));
    }
    return box;
  }

  // A vector is broken into rows of six, which is what the panel is wide for.
  #table(entry, gradient) {
    const vector = entry.rows.length === 1;
    const rows = vector ? [] : entry.rows;
    for (let k = 0; vector && k < entry.rows[0].length; k += 6) {
      rows.push(entry.rows[0].slice(k, k + 6));
    }
    const finite = entry.rows.flat().filter((x) => typeof x === "number").map(Math.abs);
    const largest = Math.max(...finite, 0) || 1;
    const table = element("table", { class: "numbers" });
    for (const row of rows) {
      const line = table.insertRow();
      for (const x of row) {
        const cell = line.insertCell();
        cell.textContent = written(x);
        cell.title = String(x);
        cell.style.background = this.#signed(x, largest, gradient);
      }
    }
    return element("div", { class: "scroll", tabindex: "-1" }, table);
  }

  #signed(x, largest, gradient) {
    const { bad, canvas } = this.colours;
    const positive = gradient ? this.colours.positive : VALUES.positive;
    const negative = gradient ? this.colours.negative : VALUES.negative;
    if (x === "True") return mixed(canvas, positive, 0.4);
    if (typeof x !== "number") return x === "False" ? canvas : bad;
    return mixed(canvas, x < 0 ? negative : positive, (Math.abs(x) / largest) * 0.5);
  }

  #histogram(entry) {
    const most = Math.max(...entry.bins);
    const bars = element("div", { class: "bars", "aria-hidden": "true" });
    for (const count of entry.bins) {
      const bar = element("i");
      // A bar of one number beside one of a thousand must still be seen.
      bar.style.height = count ? `${Math.max((100 * count) / most, 4)}%` : "0";
      bars.append(bar);
    }
    const facts = ["mean", "std"].map((name) => `${name} ${written(entry[name])}`);
    if (entry.zeros) facts.push(`${written(100 * entry.zeros)}% zeros`);
    const ends = ["min", "max"].map((name) => element("span", {}, written(entry[name])));
    return element(
      "div", {}, bars, element("p", { class: "facts ends" }, ...ends),
      element("p", { class: "facts" }, facts.join("   ")),
    );
  }
}
