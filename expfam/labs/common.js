// What the labs share: elements, numbers as text, handles, fields, sliders and their look.
// expfam.labs puts this text in place of a lab's import of it, so that a lab is one file.

const builder = (create) => (tag, attributes = {}, ...inside) => {
  const node = create(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  }
  node.append(...inside);
  return node;
};
export const html = builder((tag) => document.createElement(tag));
export const svg = builder((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));

export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

export const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
export const sum = (x) => x.reduce((a, b) => a + b, 0);
export const xlogx = (x) => (x === 0 ? 0 : x * Math.log(x));
/** With 0·(−∞) = 0. */
export const times = (a, b) => (a === 0 || b === 0 ? 0 : a * b);

// ---------------------------------------------------------------- numbers

const signs = (text) => text.replace("Infinity", "∞").replaceAll("-", "−");

/** Six decimals, or four digits where these would say little. */
export function show(x) {
  const size = Math.abs(x);
  if (size === Infinity || (Number.isInteger(x) && size < 1e6)) return signs(String(x + 0));
  return signs(size < 1e-4 || size >= 1e6 ? x.toExponential(3) : x.toFixed(6));
}

/** At most so many decimals. */
export const short = (x, decimals) => signs(String(Number(x.toFixed(decimals)) + 0));

/** A difference of numbers near 1: what is below 1e-12 is rounding. */
export const rounded = (x) => show(Math.abs(x) < 1e-12 ? 0 : x);

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** "0.25", "1/4", "-inf" and "−∞" as numbers; throws what to type instead. */
export function parse(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(/∞|inf(inity)?/i, "Infinity");
  if (/^[+-]?Infinity$/.test(plain)) return Number(plain);
  const parts = plain.split("/").map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => NUMBER.test(part)))
    throw RangeError(`“${text.trim()}” is not a number: type 0.25, 1/4 or -inf`);
  return parts.length === 2 ? Number(parts[0]) / Number(parts[1]) : Number(parts[0]);
}

// JSON has no −∞: it travels as the text "-Infinity".
export const encode = (x) => (Number.isFinite(x) ? x : String(x));

// ---------------------------------------------------------------- parts of a page

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const pair = ([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`;

/** A point to drag or to move by arrow keys; step gets (dx, dy) of ±1, with Shift ±10. */
export function handle(kind, label, step) {
  const node = svg(
    "g",
    { class: `handle ${kind}`, tabindex: 0, role: "slider", "aria-label": label },
    svg("circle", { class: "reach", r: 26 }),
    svg("circle", { class: "ring", r: 13 }),
    svg("circle", { class: "dot", r: 7.5 }),
  );
  // A finger on it drags it and does not scroll.
  node.addEventListener("touchstart", (event) => event.preventDefault());
  node.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    step(...arrow.map((direction) => direction * (event.shiftKey ? 10 : 1)));
  });
  return node;
}

export function place(node, at, now, text) {
  node.at = at;
  const said = { "aria-valuenow": clamp(now, -1e6, 1e6), "aria-valuetext": text };
  set(node, { transform: `translate(${pair(at)})`, ...said });
}

/**
 * Drags in a picture: move(x, y, handle) in units of its viewBox. A mouse may start anywhere, with
 * the nearest handle; a finger on a handle, as elsewhere it scrolls.
 */
export function draggable(picture, handles, move) {
  const { width, height } = picture.viewBox.baseVal;
  let held = null;
  const at = (event) => {
    const box = picture.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ];
  };
  const nearest = ([x, y]) => {
    const away = ({ at }) => Math.hypot(at[0] - x, at[1] - y);
    return handles.reduce((a, b) => (away(b) < away(a) ? b : a));
  };
  picture.addEventListener("pointerdown", (event) => {
    const touched = event.target.closest(".handle");
    if (event.button || (event.pointerType === "touch" && !touched)) return;
    event.preventDefault();
    held = nearest(at(event));
    held.focus({ preventScroll: true, focusVisible: false });
    picture.setPointerCapture(event.pointerId);
    if (!touched) move(...at(event), held);
  });
  picture.addEventListener("pointermove", (event) => held && move(...at(event), held));
  for (const name of ["pointerup", "pointercancel"])
    picture.addEventListener(name, () => (held = null));
}

/** An input for a number: short to read, in full once in focus; change(x) may throw its refusal. */
export function field(label, change, complain) {
  let value = 0;
  let focused = false;
  const refresh = () => (node.value = focused ? signs(String(value + 0)) : show(value));
  const node = html("input", {
    class: "field",
    "aria-label": label,
    autocomplete: "off",
    spellcheck: "false",
    onfocus: () => ((focused = true), refresh(), node.select()),
    onblur: () => ((focused = false), refresh()),
    onchange: () => {
      try {
        change(parse(node.value));
      } catch (error) {
        complain(error.message);
        refresh();
      }
    },
  });
  return { node, put: (x) => ((node.dataset.value = value = x), refresh()) };
}

export const button = (text, onclick) => html("button", { type: "button", onclick }, text);

/** A slider with its name, what it shows and buttons that set it. */
export function slider(name, range, change, buttons, note) {
  const input = html("input", {
    type: "range",
    ...range,
    "aria-label": name,
    oninput: () => change(Number(input.value)),
  });
  const output = html("output");
  const node = html(
    "div",
    { class: "slider" },
    html("div", { class: "row" }, html("b", {}, name), output, ...buttons),
    input,
    html("p", {}, note),
  );
  const put = (x, text) => {
    input.value = x;
    output.textContent = text;
    set(input, { "aria-valuetext": text });
  };
  return { node, put };
}

export const panel = (title, formula, picture, caption) =>
  html(
    "section",
    { class: "panel" },
    html("h2", {}, title, html("span", { class: "math" }, formula)),
    picture,
    html("p", { class: "caption" }, caption),
  );

export const picture = (label, size, ...inside) =>
  svg("svg", { viewBox: `0 0 ${size} ${size}`, role: "group", "aria-label": label }, ...inside);

export const path = (points) => `M${points.map(pair).join("L")}`;

/** An arrow as one path, with a head that keeps its size. */
export function arrow([x, y], [dx, dy]) {
  const length = Math.hypot(dx, dy);
  if (!(length > 1)) return "";
  const [u, v] = [(dx / length) * 7, (dy / length) * 7];
  const end = [x + dx, y + dy];
  const wing = (side) => [end[0] - u - side * v * 0.6, end[1] - v + side * u * 0.6];
  return path([[x, y], end]) + path([wing(1), end, wing(-1)]);
}

/** Calls draw once a frame, however often it is asked to. */
export function once(draw) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => ((due = false), draw()));
  };
}

/** The model of a page without Python: it holds what the page began with. */
export const still = (state) => ({
  get: (name) => state[name],
  set() {},
  save_changes() {},
  on() {},
  off() {},
});

export function root(el, ...inside) {
  // Keys are for the lab and not for the notebook around it, which has Enter and arrows too.
  const onkeydown = (event) => event.ctrlKey || event.metaKey || event.stopPropagation();
  const node = html("div", { class: "expfam-lab", onkeydown }, html("style", {}, STYLE), ...inside);
  el.append(node);
  return node;
}

const STYLE = `
.expfam-lab{--paper:light-dark(#fff,#131619);--ink:light-dark(#1a1e23,#e9ebee);
--soft:light-dark(#5c6570,#a3acb6);--line:light-dark(#c9d0d7,#434c56);
--rim:light-dark(#f3f4f6,#1f252a);--point:light-dark(#c4460a,#ff9350);
--data:light-dark(#0062a6,#62bbff);--level:light-dark(#8a949f,#75808c);
--sheet:light-dark(#8fa9c0,#557694);color-scheme:light dark;background:var(--paper);
[data-jp-theme-light=true] &{color-scheme:light}
[data-jp-theme-light=false] &{color-scheme:dark}
color:var(--ink);font:15px/1.5 system-ui,sans-serif;max-width:1240px;
padding:clamp(14px,2.5vw,28px);margin:0 auto;container-type:inline-size;overflow:clip;
font-variant-numeric:tabular-nums;
&,*{box-sizing:border-box}
h1{font-size:24px;margin:0}
.lead{margin:0 0 20px}
.lead,.caption,.slider p,small,.python,h2 span,thead th{color:var(--soft)}
.math{font-family:Cambria,Georgia,serif;font-weight:400}
.pictures,.below{display:grid;gap:24px 32px;
grid-template-columns:repeat(auto-fit,minmax(min(100%,255px),1fr))}
.below{gap:20px 48px;margin-top:20px;
grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr))}
.panel{min-width:0;max-width:540px}
h2{display:flex;justify-content:space-between;gap:8px;font-size:15px;margin:0 0 8px}
.caption,.slider p{margin:8px 0 0;font-size:14px;line-height:1.45;text-wrap:pretty}
.slider p{margin:0 0 16px}
svg,canvas{display:block;width:100%;cursor:crosshair;user-select:none;-webkit-user-select:none}
canvas{aspect-ratio:1;cursor:grab;touch-action:pan-y}
text{fill:var(--soft);font-size:11.5px;paint-order:stroke;stroke:var(--paper);stroke-width:3px;
pointer-events:none}
text.name{font-size:13px;fill:var(--ink);font-weight:600}
text.rim{stroke:none}
text.data,text.point{fill:var(--data);font-weight:600}
text.point{fill:var(--point)}
path,line{fill:none;stroke-linecap:round;stroke-linejoin:round}
.axis{stroke:var(--line)}
.level{stroke:var(--level);stroke-opacity:.55}
.here{stroke:var(--ink);stroke-width:1.6}
path.point{stroke:var(--point);stroke-width:2.4}
path.data,circle.data{stroke:var(--data);stroke-width:2;fill:none}
path.thin{stroke-width:1.2;stroke-dasharray:3 4}
.handle{cursor:grab;outline:none}
.reach,.ring{fill:transparent}
.handle:focus-visible .ring{stroke:var(--ink);stroke-width:2}
.dot{fill:var(--point);stroke:var(--paper);stroke-width:2}
.handle.data .dot{fill:var(--data)}
.row{display:flex;align-items:center;gap:10px;flex-wrap:wrap}
output{flex:1}
input[type=range]{width:100%;height:28px;margin:4px 0;accent-color:var(--point)}
button,select,.field{font:inherit;font-size:14px;color:inherit;background:var(--rim);
border:1px solid var(--line);border-radius:6px;padding:3px 10px;min-height:32px}
button,select{cursor:pointer}
.field{width:104px;padding:3px 6px;text-align:right}
:is(button,select,input,canvas):focus-visible{outline:2px solid var(--ink);outline-offset:2px}
table{border-collapse:collapse;width:100%}
td,th{padding:3px 0 3px 10px;text-align:right;font-weight:400;white-space:nowrap}
:is(td,th):first-child{text-align:left;padding-left:0;white-space:normal;overflow-wrap:anywhere}
.facts{margin-top:16px}
.status{margin:14px 0 0;padding:8px 12px;min-height:64px;background:var(--rim);font-size:14px;
border-left:3px solid var(--point)}
small,.python{margin:12px 0 0;font-size:13px}
code{font:12.5px/1.5 ui-monospace,monospace;color:var(--ink);
overflow-wrap:anywhere}
@container (542px<=width<829px){.pictures>:nth-child(3){grid-column:1/-1;width:60%;margin:auto}}
@container (max-width:480px){.wide{display:none}}
}
`;
