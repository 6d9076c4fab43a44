"use strict";

/* Paper: strokes of a pointer or of the keyboard. */
class Paper {
  constructor(canvas, cursor, changed) {
    Object.assign(this, { canvas, cursor, changed });
    this.context = canvas.getContext("2d");
    this.strokes = [];
    this.width = 22;
    this.pointer = null; // the pointer that draws
    this.pen = { x: canvas.width / 2, y: canvas.height / 4, down: false };
    canvas.addEventListener("pointerdown", (event) => this.start(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.end(event));
    }
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.showPen());
    canvas.addEventListener("blur", () => this.raise());
    this.draw();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  start(event) {
    if (event.button !== 0 || this.pointer !== null) return;
    this.raise();
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.begin(this.place(event));
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const part of events.length ? events : [event]) this.line(this.place(part));
    this.update();
  }

  end(event) {
    if (event.pointerId === this.pointer) this.pointer = null;
  }

  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (step) {
      const far = event.shiftKey ? 24 : 8;
      const inside = (value) => Math.min(Math.max(value, 0), this.canvas.width);
      this.pen.x = inside(this.pen.x + far * step[0]);
      this.pen.y = inside(this.pen.y + far * step[1]);
      if (this.pen.down) this.line([this.pen.x, this.pen.y]);
    } else if (event.key === " ") {
      this.pen.down = !this.pen.down;
      if (this.pen.down) this.begin([this.pen.x, this.pen.y]);
    } else {
      return;
    }
    event.preventDefault();
    this.showPen();
    if (this.pen.down) this.update();
  }

  raise() {
    this.pen.down = false;
    this.cursor.hidden = true;
  }

  showPen() {
    this.cursor.hidden = !this.canvas.matches(":focus-visible");
    this.cursor.classList.toggle("down", this.pen.down);
    this.cursor.style.left = `${(100 * this.pen.x) / this.canvas.width}%`;
    this.cursor.style.top = `${(100 * this.pen.y) / this.canvas.height}%`;
  }

  begin(point) {
    this.strokes.push({ width: this.width, points: [point] });
    this.update();
  }

  line(point) {
    this.strokes.at(-1)?.points.push(point);
  }

  /* A stroke in the making ends with its removal. */
  undo() {
    this.stop();
    this.strokes.pop();
    this.update();
  }

  clear() {
    this.stop();
    this.strokes = [];
    this.update();
  }

  stop() {
    this.pointer = null;
    this.pen.down = false;
    this.cursor.classList.remove("down");
  }

  update() {
    this.draw();
    this.changed();
  }

  draw() {
    const { context, canvas } = this;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = "#16161a";
    context.lineCap = context.lineJoin = "round";
    for (const { width, points } of this.strokes) {
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(...points[0]);
      // Curves from middle to middle: a mouse gives few points.
      for (let k = 1; k < points.length - 1; k++) {
        const [[x, y], [x2, y2]] = [points[k], points[k + 1]];
        context.quadraticCurveTo(x, y, (x + x2) / 2, (y + y2) / 2);
      }
      context.lineTo(...points.at(-1));
      context.stroke();
    }
  }

  png() {
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/png"));
  }
}
