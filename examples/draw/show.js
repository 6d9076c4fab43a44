/* Pictures, bars and sentences of an answer. */

const STAGES = {
  grey: "Your drawing, in shades of grey.",
  darkness: "How much darker than the paper each pixel is.",
  ink: "A threshold separates ink from paper.",
  digit: "The largest connected piece, with its parts.",
  strokes: "Cut out, with strokes of usual width.",
  input: "Scaled and centred: all that the network gets.",
};
const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

/* A canvas with a caption. */
function figure(parent, title, text, kind) {
  const canvas = element("canvas", { className: kind });
  blank(canvas);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", title);
  const name = element("b", {}, title);
  const note = element("span", {}, text);
  const size = element("span", { className: "size" });
  parent.append(element("figure", {}, canvas, element("figcaption", {}, name, note, size)));
  return { canvas, note, size };
}

function bytes(base64) {
  const text = atob(base64);
  const made = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) made[k] = text.charCodeAt(k);
  return made;
}

function blank(canvas) {
  canvas.width = canvas.height = 1;
  canvas.classList.add("blank");
}

/* Paints bytes by a table of 256 colours, each as the number of its red, green, blue and opacity. */
function paint(canvas, { height, width }, base64, table) {
  Object.assign(canvas, { height, width });
  canvas.classList.remove("blank");
  const image = new ImageData(width, height);
  const pixels = new DataView(image.data.buffer);
  bytes(base64).forEach((byte, k) => pixels.setUint32(4 * k, table[byte]));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const rgb = ([red, green, blue]) => ((red << 24) | (green << 16) | (blue << 8) | 255) >>> 0;
const GREYS = Array.from({ length: 256 }, (_, byte) => rgb([byte, byte, byte]));

/* From blue at the most negative number over the neutral colour at 0 to orange at the largest. */
function signedColours() {
  const style = getComputedStyle(document.documentElement);
  const [zero, more, less] = ["--zero", "--more", "--less"].map((name) => {
    const hex = parseInt(style.getPropertyValue(name).trim().slice(1), 16);
    return [hex >> 16, (hex >> 8) & 255, hex & 255];
  });
  return Array.from({ length: 256 }, (_, byte) => {
    const share = Math.max((byte - 128) / 127, -1);
    const end = share < 0 ? less : more;
    return rgb(zero.map((from, k) => Math.round(from + Math.abs(share) * (end[k] - from))));
  });
}

const aDigit = (name) => `${String(name) === "8" ? "an" : "a"} ${name}`;
const percent = (p) => `${(100 * (p ?? 0)).toFixed(1)}\u00a0%`;

class Show {
  constructor() {
    this.stages = Object.entries(STAGES).map(([name, text]) =>
      figure(byId("stages"), name, text, name === "grey" ? "paper" : ""));
    const of = (id, ...figures) => figures.map((one) => figure(byId(id), ...one));
    [this.input, this.saliency, this.away] = of("saliency",
      ["input", "The ink of each pixel.", ""],
      ["saliency", "For the answer.", "signed"],
      ["saliency", "For the digit to become.", "signed"]);
    [this.before, this.change, this.after] = of("towards",
      ["before", "The input.", ""],
      ["change", "Ink more or less.", "signed"],
      ["after", "The new input.", ""]);
  }

  /* Shows an answer of /read. */
  read(answer) {
    byId("verdict").textContent = sentence(answer);
    const name = answer.nothing ? "–" : answer.classes[answer.best].name;
    byId("best").textContent = name.length === 1 ? name : "?";
    byId("best").classList.toggle("unsure", answer.nothing || answer.rejected !== null);
    this.bars(answer);
    if (answer.nothing) {
      for (const { canvas } of [...this.stages, this.input, this.saliency]) blank(canvas);
      for (const canvas of document.querySelectorAll("#layers canvas")) blank(canvas);
      return;
    }
    answer.stages.forEach((stage, k) => {
      paint(this.stages[k].canvas, stage, stage.pixels, GREYS);
      this.stages[k].size.textContent = `${stage.of[1]}×${stage.of[0]} pixels`;
    });
    const input = answer.stages.at(-1);
    paint(this.input.canvas, input, input.pixels, GREYS);
    const colours = signedColours();
    paint(this.saliency.canvas, answer.saliency, answer.saliency.values, colours);
    this.saliency.note.textContent = `For ${aDigit(answer.saliency.class)}, the answer.`;
    this.layers(answer.layers, colours);
  }

  bars({ classes, best }) {
    const list = byId("classes");
    if (list.childElementCount !== classes.length) {
      list.replaceChildren(...classes.map(({ name }) => {
        const bar = element("span", { className: "bar" }, element("i"));
        bar.setAttribute("aria-hidden", "true");
        return element("li", {}, element("span", {}, name), bar, element("span"));
      }));
    }
    classes.forEach(({ probability }, k) => {
      const [, bar, number] = list.children[k].children;
      bar.firstChild.style.width = `${100 * (probability ?? 0)}%`;
      number.textContent = probability === null ? "" : percent(probability);
      list.children[k].classList.toggle("best", k === best);
    });
  }

  layers(layers, colours) {
    const parent = byId("layers");
    if (parent.childElementCount !== layers.length) {
      parent.replaceChildren(...layers.map(({ name, maps, count }) => {
        const { height, width } = maps[0];
        const size = element("span", {}, `${count} maps of ${height}×${width}`);
        const row = element("div", { className: "maps" }, ...maps.map(() => element("canvas")));
        row.setAttribute("role", "img");
        row.setAttribute("aria-label", `First ${maps.length} maps of ${name}`);
        return element("div", { className: "layer" }, element("p", {}, name, size), row);
      }));
    }
    layers.forEach(({ maps }, k) => {
      const canvases = parent.children[k].querySelectorAll("canvas");
      maps.forEach((map, m) => paint(canvases[m], map, map.values, colours));
    });
  }

  /* Shows an answer of /towards; none while there is none. */
  towards(answer) {
    const pictures = [this.before, this.change, this.after];
    if (!answer || answer.nothing) {
      for (const { canvas } of [...pictures, this.away]) blank(canvas);
      byId("way").textContent = "";
      return;
    }
    const colours = signedColours();
    paint(this.before.canvas, answer, answer.before, GREYS);
    paint(this.change.canvas, answer.change, answer.change.values, colours);
    paint(this.after.canvas, answer, answer.after, GREYS);
    const most = (100 * answer.change.largest).toFixed(0);
    this.change.note.textContent = answer.steps ? `At most ${most}\u00a0% of full ink.` : "Nothing to change.";
    const [first, last] = [answer.path[0], answer.path.at(-1)].map(percent);
    byId("way").textContent =
      answer.steps === 0 ? `It is ${aDigit(answer.class)} already: ${first}.`
      : answer.reached ? `From ${first} to ${last} in ${answer.steps} ${answer.steps === 1 ? "step" : "steps"}.`
      : `Only from ${first} to ${last}: ${answer.steps} steps were not enough.`;
    const name = aDigit(answer.class);
    this.away.note.textContent = answer.saliency ? `For ${name}.` : `It is ${name} already.`;
    if (answer.saliency) paint(this.away.canvas, answer.saliency, answer.saliency.values, colours);
    else blank(this.away.canvas);
  }
}

/* The verdict as a sentence. */
function sentence({ nothing, verdict }) {
  return nothing ? "Nothing is written yet." : `${verdict[0].toUpperCase()}${verdict.slice(1)}`;
}
