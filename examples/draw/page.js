/* The page: what the controls do, and when the program is asked. */

const show = new Show();
const paper = new Paper(byId("paper"), byId("cursor"), () => {
  byId("hint").hidden = paper.strokes.length > 0;
  ask();
});
const last = { read: null, towards: null };
let target = 3;
let asking = false;
let again = false;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Asks for the drawing as it is now. One request is under way at a time, and the latest drawing wins. */
async function ask() {
  again = true;
  if (asking) return;
  asking = true;
  while (again) {
    again = false;
    const wait = await askOnce();
    // A pause between two requests leaves the rest of the machine alone.
    await pause(wait || 50);
    again ||= wait > 0;
  }
  asking = false;
}

/* Returns the time to wait before the same question is asked again, in milliseconds; 0 for an answer. */
async function askOnce() {
  try {
    const drawing = await paper.png();
    last.read = await post("/read", drawing);
    show.read(last.read);
    speak(sentence(last.read));
    if (last.read.nothing) {
      last.towards = null;
    } else if (again) {
      return 0; // the drawing has changed: the way to another digit waits until the pen rests
    } else {
      last.towards = await post(`/towards/${target}`, drawing);
    }
    show.towards(last.towards);
    say("");
    return 0;
  } catch (problem) {
    say(problem.message);
    return problem.wait ?? 0;
  }
}

async function post(path, drawing) {
  let response;
  try {
    response = await fetch(path, { method: "POST", body: drawing, headers: { "Content-Type": "image/png" } });
  } catch {
    const text = "The program has stopped. Start it again: cargo run --example draw. This page then goes on.";
    throw Object.assign(new Error(text), { wait: 2000 });
  }
  if (response.ok) return response.json();
  const problem = new Error(await response.text());
  if (response.status === 429) problem.wait = 1000 * (Number(response.headers.get("Retry-After")) || 1);
  throw problem;
}

function say(text) {
  if (byId("message").textContent !== text) byId("message").textContent = text;
  byId("message").hidden = text === "";
  // What is shown belongs to an older drawing.
  document.body.classList.toggle("old", text !== "");
}

/* Tells screen readers the answer once the drawing has rested. */
let speaking;
function speak(text) {
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    if (byId("spoken").textContent !== text) byId("spoken").textContent = text;
  }, 800);
}

function choose(digit) {
  target = digit;
  byId("target").textContent = aDigit(digit);
  byId("targets").querySelector(`[value="${digit}"]`).checked = true;
  ask();
}

for (let digit = 0; digit < 10; digit++) {
  const input = element("input", { type: "radio", name: "target", value: String(digit) });
  input.addEventListener("change", () => choose(digit));
  byId("targets").append(element("label", {}, input, element("span", {}, String(digit))));
}
byId("undo").addEventListener("click", () => paper.undo());
byId("clear").addEventListener("click", () => paper.clear());
byId("width").addEventListener("input", (event) => (paper.width = Number(event.target.value)));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  if (key === "z") paper.undo();
  else if (key === "c" || key === "escape") paper.clear();
  else if (/^[0-9]$/.test(key)) choose(Number(key));
});
// Maps have the colours of the theme.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (last.read) show.read(last.read);
  show.towards(last.towards);
});
choose(target);
