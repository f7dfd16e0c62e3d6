// The softmax lab: one function, A(η) = T log Σ exp(ηᵢ/T), in two coordinate systems.
import {
  arrow, button, draggable, encode, field, handle, html, clamp, once, panel, path, picture, place, root,
  rounded, set, short, show, slider, still, sum, svg,
} from "./common.js";
import { conjugate, inner, kl, logMean, logPartition, mean, natural } from "./logsumexp.js";
import {
  conjugateCurve, CORNERS, fromSpot, fromTriangle, inTriangle, LEVELS, levelCurve, offPlane, onPlane,
  onScreen, RIM, SIZE, spot, within,
} from "./simplex.js";
import { drawSurface } from "./surface.js";

export const math = {
  inner, natural, conjugate, kl, logsumexp: logPartition, softmax: mean, logSoftmax: logMean,
};

const LOW = ["₁", "₂", "₃"];
const HALF = SIZE / 2;
const EDGE = RIM + 2;

const label = (x, y, words, anchor = "middle", kind = "") =>
  svg("text", { x, y, class: kind, "text-anchor": anchor }, words);
const brief = (words) => (words.length > 16 ? `${[...words].slice(0, 15).join("")}…` : words);
const named = (x, y, words, anchor) => label(x, y, brief(words), anchor, "name");
const grouped = (count) => count.toLocaleString("en");

/** A ring around the data that goes where it is put, with its name on the side that is free. */
function ring() {
  const circle = svg("circle", { class: "data", r: 10 });
  const name = label(0, 0, "data", "start", "data");
  const put = ([x, y], right) => {
    set(circle, { cx: x, cy: y });
    set(name, { x: x + (right ? 14 : -14), y: y + 4, "text-anchor": right ? "start" : "end" });
  };
  return { nodes: [circle, name], put };
}

/** The natural plane with its rim and level curves; draw(state) moves what moves. */
function naturalPlane(labels, ringNodes, go, state) {
  const levels = LEVELS.map(() => [svg("path", { class: "level" }), label(0, 0, "")]);
  const here = svg("path", { class: "here" });
  const slope = svg("path", { class: "point" });
  const point = handle("point", "η in the plane", (...steps) => {
    const at = spot(state.eta).map((x, i) => (steps[i] ? within(x) + steps[i] / 10 : x));
    go({ eta: fromSpot(at, state.c) });
  });
  const size = SIZE - 2 * EDGE;
  const far = SIZE - EDGE - 8;
  const square = { x: EDGE, y: EDGE, width: size, height: size };
  const rim = (x, y, turned, i) =>
    svg("text", { class: "rim", "text-anchor": "middle", transform: `translate(${x} ${y}) rotate(${turned})` }, `η${LOW[i]} = −∞`);
  const node = picture(
    "Natural plane", SIZE,
    svg("rect", { width: SIZE, height: SIZE, fill: "var(--rim)", rx: 4 }),
    svg("rect", { ...square, fill: "var(--paper)" }),
    svg("svg", { ...square, viewBox: Object.values(square).join(" ") },
      svg("path", { class: "axis", d: `M0 ${HALF}h${SIZE}M${HALF} 0v${SIZE}` }),
      ...levels.map(([curve]) => curve), here, ...levels.map(([, name]) => name),
      ...[-4, -2, 2, 4].flatMap((x) => [
        label(onPlane([x, 0])[0], HALF + 14, short(x, 0)),
        label(HALF - 6, onPlane([0, x])[1] + 4, short(x, 0), "end"),
      ]),
      label(far, HALF - 8, "η₁ − η₃", "end"), label(HALF + 8, EDGE + 16, "η₂ − η₃", "start"),
      named(EDGE + 8, far, labels[2], "start"), named(far, far, labels[0], "end"),
      named(EDGE + 8, EDGE + 18, labels[1], "start")),
    rim(14, HALF, -90, 0), rim(HALF, SIZE - 6, 0, 1), rim(HALF, 14, 0, 2), rim(SIZE - 14, HALF, 90, 2),
    slope, ...ringNodes, point,
  );
  set(node, { overflow: "visible" });
  draggable(node, [point], (x, y) => go({ eta: fromSpot(offPlane(x, y), state.c) }));
  const draw = ({ eta, T, c, mu, A }) => {
    LEVELS.forEach((a, i) => {
      const points = levelCurve(a, T).map(onPlane);
      const [x, y] = points[(points.length - 1) / 2];
      const [curve, name] = levels[i];
      set(curve, { d: path(points) });
      set(name, { x, y: y + 4 });
      name.textContent = a % 2 === 1 ? `A = ${short(a + c, 2)}` : "";
    });
    const at = onPlane(spot(eta));
    const height = A - eta[2];
    const drawn = height > 1e-6 && !isFar(eta);
    set(here, { d: drawn ? path(levelCurve(height, T).map(onPlane)) : "" });
    set(slope, { d: arrow(at, [mu[0] * 76, -mu[1] * 76]) });
    place(point, at, eta[0] - eta[2], `η = ${eta.map((x) => short(x, 3)).join(", ")}`);
  };
  return { node, draw };
}

const isFar = (eta) => !onScreen([eta[0] - eta[2], eta[1] - eta[2]]);

/** The triangle of means with the level curves of A*; draw(now) moves what moves. */
function simplex(labels, counts, ringNodes, goMean, state) {
  const here = svg("path", { class: "here" });
  const force = svg("path", { class: "point" });
  const feet = svg("path", { class: "point thin" });
  const point = handle("point", "μ in the triangle", (dx, dy) => {
    const [x, y] = inTriangle(mean(state.eta, state.T));
    goMean(fromTriangle(x + 3 * dx, y - 3 * dy));
  });
  const corner = (i, x, y, anchor) => [
    named(x, y, labels[i], anchor),
    ...(counts ? [label(x, y + 16, `${grouped(counts[i])} of ${grouped(sum(counts))}`, anchor)] : []),
  ];
  const node = picture(
    "Simplex", SIZE,
    ...[-1.05, -0.95, -0.8, -0.6, -0.4, -0.2].map((a) => svg("path", { class: "level", d: conjugateCurve(a) })),
    svg("path", { class: "level", d: `${path(CORNERS)}Z` }),
    ...corner(0, 344, 332, "end"), ...corner(1, HALF, 20), ...corner(2, 16, 332, "start"),
    here, feet, force, ...ringNodes, point,
  );
  set(node, { overflow: "visible" });
  draggable(node, [point], (x, y) => goMean(fromTriangle(x, y)));
  const draw = ({ eta, T, mu }) => {
    const at = inTriangle(mu);
    const free = T > 0 && eta.every(Number.isFinite);
    const pull = inTriangle(eta.map((x) => (free ? (x - sum(eta) / 3) * 0.4 : 0)));
    const most = 64 / (64 + Math.hypot(...pull));
    const inside = Math.min(...mu) > 1e-9 && Math.max(...mu) > 0.335;
    set(here, { d: inside ? conjugateCurve(conjugate(mu)) : "" });
    set(force, { d: arrow(at, pull.map((x) => x * most)) });
    // The perpendicular to the edge opposite corner i is μᵢ of the height.
    const foot = (i) => inTriangle(mu.map((x, j) => (j === i ? 0 : x + mu[i] / 2)));
    set(feet, { d: mu.map((_, i) => path([at, foot(i)])).join("") });
    place(point, at, mu[0], `μ = ${mu.map((x) => short(x, 4)).join(", ")}`);
  };
  return { node, draw };
}

/** What is to be said of the boundary, of ties and of what the pictures cannot show. */
function words(eta, T) {
  const where = (value) => LOW.filter((_, i) => eta[i] === value);
  const [zero, tied] = [where(-Infinity), where(Math.max(...eta))];
  const parts = [];
  if (zero.length)
    parts.push(`On the boundary: ${zero.map((i) => `η${i} = −∞, μ${i} = 0`).join("; ")}. η is on the rim${T ? `, μ ${zero[1] ? "in a corner" : "on an edge"}` : ""}; every formula holds, with 0·(−∞) = 0.`);
  if (T === 0)
    parts.push(`T = 0: A is the maximum of η and μ is arg max${tied.length > 1 ? `; η${tied.join(" and η")} tie and share it` : ""}.`);
  if (T > 0 && !zero.length && isFar(eta)) parts.push("η is beyond the frame and drawn at its edge.");
  return parts.join(" ") || "Inside: every μᵢ > 0, and η ↔ μ is one to one up to the gauge c. Drag a point, use the arrow keys, or type a number.";
}

/** The numbers: fields for η and μ, and what follows from them. */
function table(labels, counts, observed, state, goEta, goMean, complain) {
  const etaFields = labels.map((name, i) => field(`η of ${name}`, (x) => {
    const eta = state.eta.with(i, x);
    logPartition(eta);
    goEta({ eta });
  }, complain));
  const meanFields = labels.map((name, i) => field(`μ of ${name}`, (x) => {
    if (!(x >= 0 && x <= 1)) throw RangeError("μ must be between 0 and 1");
    const others = mean(state.eta, state.T).with(i, 0);
    const rest = sum(others);
    goMean(others.map((y, j) => (j === i ? x : (1 - x) * (rest > 0 ? y / rest : 1 / 2))));
  }, complain));
  const wide = (i) => (i > 2 ? { class: "wide" } : {});
  const head = ["", "ηᵢ", "μᵢ", ...(counts ? ["count", "p̂ᵢ"] : [])];
  const row = (name, i) => [html("span", {}, html("small", {}, `${i + 1} `), brief(name)), etaFields[i].node, meanFields[i].node,
    ...(counts ? [grouped(counts[i]), show(observed[i])] : [])];
  const facts = [
    ["A(η)", "= T log Σ exp(ηᵢ/T)", (now) => now.A],
    ["A*(μ)", "= T Σ μᵢ log μᵢ", (now) => conjugate(now.mu, now.T)],
    ["A(η) + A*(μ) − ⟨η, μ⟩", "Fenchel gap", (now) => gap(now, now.mu)],
    ...(observed ? [
      ["A(η) + A*(p̂) − ⟨η, p̂⟩", "gap at the data", (now) => gap(now, observed)],
      ["KL(p̂ ‖ μ)", "= gap at the data / T", (now) => kl(natural(observed), now.log)],
      ["KL(μ ‖ p̂)", "the other way", (now) => kl(now.log, natural(observed))],
    ] : []),
  ];
  const gap = ({ A, eta, T }, mu) => A + conjugate(mu, T) - inner(eta, mu);
  const cells = facts.map(([name]) => html("td", { "data-fact": name }));
  const tr = (...inside) => html("tr", {}, ...inside);
  const node = html("div", {},
    html("table", {},
      html("thead", {}, tr(...head.map((name, i) => html("th", wide(i), name)))),
      html("tbody", {}, ...labels.map((name, i) => tr(...row(name, i).map((cell, j) => html("td", wide(j), cell)))))),
    html("table", { class: "facts" }, ...facts.map(([name, formula], i) =>
      tr(html("td", {}, html("span", { class: "math" }, name), " ", html("small", {}, formula)), cells[i]))));
  const draw = (now) => {
    etaFields.forEach((cell, i) => cell.put(now.eta[i]));
    meanFields.forEach((cell, i) => cell.put(now.mu[i]));
    facts.forEach(([, , value], i) => (cells[i].textContent = rounded((cells[i].dataset.value = value(now)))));
  };
  return { node, draw };
}

function render({ model, el }) {
  const { labels, counts, title, note } = model.get("data");
  const observed = counts && counts.map((x) => x / sum(counts));
  const seen = observed && natural(observed);
  const state = { c: 0 };
  const refresh = once(draw);
  let turn = -0.45;
  let refusal = "";

  function take(change) {
    Object.assign(state, change);
    if (Number.isFinite(state.eta[2])) state.c = state.eta[2];
    refusal = "";
    refresh();
  }
  const fromPython = () => take({ eta: model.get("natural").map(Number), T: model.get("temperature") });
  function go(change) {
    take(change);
    const { eta, T } = state; // in a notebook the first of two news brings back the other as it was
    model.set("natural", eta.map(encode));
    model.set("temperature", T);
    model.save_changes();
  }
  /** η with mean μ, η₃ = c where finite; at T = 0 the nearest mean that A has there. */
  function goMean(mu) {
    const flat = mu.map((x) => (x > Math.max(...mu) / 2 ? 0 : -2));
    const eta = state.T === 0 ? flat : natural(mu, state.T);
    const shift = state.c - (Number.isFinite(eta[2]) ? eta[2] : 0);
    go({ eta: eta.map((x) => x + shift) });
  }
  const gauge = (shift) => go({ eta: state.eta.map((x) => x + shift), c: state.c + shift });
  const complain = (text) => ((refusal = text), refresh());

  const rings = observed ? [ring(), ring()] : [];
  const nodes = rings.map((mark) => mark.nodes);
  const plane = naturalPlane(labels, nodes[0] ?? [], go, state);
  const triangle = simplex(labels, counts, nodes[1] ?? [], goMean, state);
  const numbers = table(labels, counts, observed, state, go, goMean, complain);
  const spin = (by) => ((turn = clamp(turn + by, -1.2, 0.4)), refresh());
  const canvas = html("canvas", {
    tabindex: 0, role: "img",
    "aria-label": "The surface of A and its tangent plane; left and right arrows turn it",
    onkeydown: ({ key }) => spin(key === "ArrowLeft" ? -0.1 : key === "ArrowRight" ? 0.1 : 0),
    onpointerdown: (event) => canvas.setPointerCapture(event.pointerId),
    onpointermove: (event) => canvas.hasPointerCapture(event.pointerId) && spin(event.movementX / 120),
  });
  const temperature = slider("Temperature T", { min: 0, max: 3, step: 0.01 }, (T) => go({ T }),
    [button("T → 0", () => go({ T: 0 })), button("T = 1", () => go({ T: 1 }))],
    "η stays; μ goes to the corner of the largest ηᵢ as T → 0, where A is max and softmax arg max.");
  const shift = slider("Gauge c", { min: -3, max: 3, step: 0.01 }, (c) => gauge(c - state.c),
    [button("η₃ = 0", () => gauge(-state.c)), button("A = 0", () => gauge(-logPartition(state.eta, state.T)))],
    "Adds c to every ηᵢ: A moves by c, and μ, the gaps and the KL stay.");
  const start = seen ?? model.get("natural");
  const again = button(seen ? "η = log p̂, the data" : "Start again", () => go({ eta: start, T: 1 }));
  const status = html("p", { class: "status", role: "status" });
  const python = html("code");
  const view = root(el,
    html("h1", {}, title),
    html("p", { class: "lead" }, note),
    html("div", { class: "pictures" },
      panel("Natural plane", "level curves of A", plane.node, "η moves, to the rim too; the level curves of A stay, and the arrow across them is the mean μ = ∇A(η)."),
      panel("Simplex", "level curves of A*", triangle.node, `μ moves with η; the level curves of A* stay, and the arrow across them is η = ∇A*(μ). Dashed: the μᵢ.${seen ? " The data stay." : ""}`),
      panel("Surface of A", html("span", { style: "color:var(--point)" }, "tangent of slope μ"), canvas, `The tangent plane turns with η, the surface stays; c lifts it, T sharpens it.${seen ? " At the data it lies T·KL(μ ‖ p̂) below." : ""} Drag to turn.`)),
    html("div", { class: "below" },
      html("div", {}, temperature.node, shift.node, again, status),
      html("div", {}, numbers.node, html("p", { class: "python" }, "This member in Python: ", python))));

  function draw() {
    const { eta, T, c } = state;
    const mu = mean(eta, T);
    const now = { eta, T, c, mu, log: logMean(eta, T), A: logPartition(eta, T) };
    plane.draw(now);
    triangle.draw(now);
    numbers.draw(now);
    now.data = seen && seen.map((x) => (T > 0 ? T * x : x > -Infinity ? 0 : x));
    if (seen) {
      const [x, y] = onPlane(spot(now.data));
      rings[0].put([x, y], x < 290);
      rings[1].put(inTriangle(observed), true);
    }
    drawSurface(canvas, turn, now);
    temperature.put(T, short(T, 2));
    shift.put(c, short(c, 2));
    const message = refusal || words(eta, T);
    if (status.textContent !== message) status.textContent = message;
    const values = now.log.map((x) => (x === -Infinity ? 'float("-inf")' : x + 0));
    const given = ["expfam.Categorical(3)", html("wbr"), ".from_natural([", html("wbr")];
    python.replaceChildren(...given, `${values.join(", ")}])`);
  }

  fromPython();
  const news = ["change:natural", "change:temperature"];
  news.forEach((name) => model.on(name, fromPython));
  const resized = new ResizeObserver(refresh);
  resized.observe(view);
  const scheme = matchMedia("(prefers-color-scheme:dark)");
  scheme.addEventListener("change", refresh);
  return () => {
    resized.disconnect();
    scheme.removeEventListener("change", refresh);
    news.forEach((name) => model.off(name, fromPython));
  };
}

export default { render };
