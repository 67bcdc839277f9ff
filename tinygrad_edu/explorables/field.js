// Maps of the plane: a number for each place of a grid, painted pixel by pixel.

// Fit a canvas to its size on the screen; returns its pixels on a side.
function fitted(canvas, most = 640) {
  const side = Math.max(Math.min(Math.round(canvas.clientWidth * devicePixelRatio), most), 8);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  return side;
}

// The grid between its places: colourOf gets the number at each pixel. The first row of a grid is
// the lowest, that of a canvas the highest. finish may still change the pixels.
function paintSmooth(canvas, values, side, colourOf, finish = () => {}) {
  const size = fitted(canvas);
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  const pixels = image.data;
  const places = Array.from({ length: size }, (_, k) => {
    const at = Math.min(Math.max(((k + 0.5) / size) * side - 0.5, 0), side - 1);
    const low = Math.min(Math.floor(at), side - 2);
    return [low, at - low];
  });
  for (let row = 0; row < size; row++) {
    const [y, up] = places[size - 1 - row];
    for (let column = 0; column < size; column++) {
      const [x, right] = places[column];
      const k = y * side + x;
      const low = values[k] + (values[k + 1] - values[k]) * right;
      const high = values[k + side] + (values[k + side + 1] - values[k + side]) * right;
      const colour = colourOf(low + (high - low) * up);
      const at = 4 * (row * size + column);
      pixels[at] = colour[0];
      pixels[at + 1] = colour[1];
      pixels[at + 2] = colour[2];
      pixels[at + 3] = 255;
    }
  }
  finish(pixels);
  context.putImageData(image, 0, 0);
}

// The same for numbers that stand for something, such as classes: nothing lies between them.
function paintPlain(canvas, values, side, colourOf) {
  const size = fitted(canvas);
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  const at = (k) => Math.min(Math.floor(((k + 0.5) / size) * side), side - 1);
  for (let row = 0; row < size; row++) {
    const y = at(size - 1 - row);
    for (let column = 0; column < size; column++) {
      const colour = colourOf(values[y * side + at(column)]);
      image.data.set([colour[0], colour[1], colour[2], 255], 4 * (row * size + column));
    }
  }
  context.putImageData(image, 0, 0);
}

// Colours of numbers from -1 to 1, made once for a theme.
function signedColours(theme, strength = 1) {
  const table = Array.from({ length: 257 }, (_, k) => {
    const part = (k - 128) / 128;
    return toward(theme.canvas, part > 0 ? theme.positive : theme.negative, Math.abs(part) * strength);
  });
  return (part) => table[Math.round(Math.min(Math.max(part, -1), 1) * 128) + 128];
}

// The marks of classes differ in shape, too.
const MARKS = [
  "M-3.4,0a3.4,3.4 0 1,0 6.8,0a3.4,3.4 0 1,0 -6.8,0", "M-3.1,-3.1H3.1V3.1H-3.1Z",
  "M0,-4.2L3.9,2.8H-3.9Z", "M0,-4.3L4.3,0L0,4.3L-4.3,0Z",
  "M-3.9,-2.8H3.9L0,4.2Z", "M-1.4,-4H1.4V-1.4H4V1.4H1.4V4H-1.4V1.4H-4V-1.4H-1.4Z",
  "M-2.5,-3.6H2.5L4.2,0L2.5,3.6H-2.5L-4.2,0Z", "M0,-4.4L1.2,-1.3H4.3L1.8,0.8L2.7,4L0,2.1L-2.7,4L-1.8,0.8L-4.3,-1.3H-1.2Z",
];
