// The duality lab: A and its conjugate A*, each made of the other's slopes and intercepts.
import {
  clamp, draggable, encode, field, handle, html, once, panel, path, picture, place, root, rounded, set,
  short, still, svg, times, xlogx,
} from "./common.js";

// Of each family: A, μ = A′, its inverse, A*; what is drawn, as [least, most] of η, A, μ, A*; the ends
// of η and of μ, and whether they belong to the closed family; where p and q start. Rates end at 2⁶²,
// as expfam's do, and Gaussian means where their squares still have digits to tell apart.
const FAMILIES = {
  Bernoulli: {
    formulas: ["A(η) = log(1 + exp η)", "A*(μ) = μ log μ + (1 − μ) log(1 − μ)"],
    A: (eta) => Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta))),
    mean: (eta) => (eta < 0 ? Math.exp(eta) / (1 + Math.exp(eta)) : 1 / (1 + Math.exp(-eta))),
    natural: (mu) => Math.log(mu) - Math.log1p(-mu),
    dual: (mu) => xlogx(mu) + xlogx(1 - mu),
    frames: [[-5, 5], [-1.6, 4.4], [-0.2, 1.1], [-1.7, 0.6]],
    ends: [[-Infinity, Infinity], [0, 1]],
    closed: [true, true],
    start: [-0.8, 1.8],
  },
  Poisson: {
    formulas: ["A(η) = exp η", "A*(μ) = μ log μ − μ"],
    A: Math.exp,
    mean: Math.exp,
    natural: Math.log,
    dual: (mu) => xlogx(mu) - mu,
    frames: [[-3, 2], [-2.5, 6], [-1, 6.4], [-4, 5]],
    ends: [[-Infinity, Math.log(2 ** 62)], [0, 2 ** 62]],
    closed: [true, false],
    start: [0.2, 1.4],
  },
  "Gaussian, variance 1": {
    formulas: ["A(η) = η²/2", "A*(μ) = μ²/2"],
    A: (eta) => (eta * eta) / 2,
    mean: (eta) => eta,
    natural: (mu) => mu,
    dual: (mu) => (mu * mu) / 2,
    frames: [[-3, 3], [-2, 4.5], [-3, 3], [-2, 4.5]],
    ends: [[-1e6, 1e6], [-1e6, 1e6]],
    closed: [false, false],
    start: [0.8, 2.4],
  },
  Exponential: {
    formulas: ["A(η) = −log(−η)", "A*(μ) = −1 − log μ"],
    A: (eta) => -Math.log(-eta),
    mean: (eta) => -1 / eta,
    natural: (mu) => -1 / mu,
    dual: (mu) => -1 - Math.log(mu),
    frames: [[-4, 0.8], [-2, 3], [-1, 6], [-4, 2]],
    ends: [[-Infinity, 0], [0, Infinity]],
    closed: [false, false],
    start: [-1, -0.25],
  },
};

/** KL of p from q, the Bregman divergence A(q) − A(p) − μ(p)(q − p); of a Bernoulli from both its log p. */
function kl(name, p, q) {
  const { A, mean } = FAMILIES[name];
  if (p === q) return 0;
  if (!Number.isFinite(q)) return Infinity;
  if (name === "Bernoulli") return times(mean(p), A(-q) - A(-p)) + times(mean(-p), A(q) - A(p));
  return p === -Infinity ? A(q) : A(q) - A(p) - mean(p) * (q - p);
}

export const math = { families: FAMILIES, kl };

const SIZE = 360;
const STEPS = Array.from({ length: 241 }, (_, i) => i / 240);

/** One side: a curve with two points on it, their tangents and the gap between them. */
function side(name, axis, move) {
  const points = ["p", "q"].map((which, i) =>
    handle(i ? "data" : "point", `${name} of ${which}`, (dx) => move(i, null, dx)));
  const lines = ["point", "data"].map((kind) => svg("path", { class: kind }));
  const [curve, axes] = ["here", "axis"].map((kind) => svg("path", { class: kind }));
  const gap = svg("path", { stroke: "var(--ink)", "stroke-width": 3.5 });
  const mark = svg("path", { stroke: "var(--point)", "stroke-width": 3.5 });
  const ticks = svg("g");
  const words = ["point", "data", "name", "point", ""].map((kind) => svg("text", { class: kind }));
  const node = picture(name, SIZE, axes, ticks, curve, ...lines, gap, mark, ...words, ...[...points].reverse());
  let frame;
  const x = (value) => ((value - frame[0][0]) / (frame[0][1] - frame[0][0])) * SIZE;
  const y = (value) => SIZE - ((value - frame[1][0]) / (frame[1][1] - frame[1][0])) * SIZE;
  draggable(node, points, (at, _, point) => {
    const [least, most] = frame[0];
    move(points.indexOf(point), least + (at / SIZE) * (most - least), 0);
  });

  /** Sets the scene of a family: axes, ticks and the curve of f. */
  function stage(frames, f, [low, high]) {
    frame = frames;
    const [least, most] = frame[0];
    const seen = STEPS.map((share) => least + share * (most - least)).filter((at) => at > low && at < high);
    const ends = [low, high].filter((end) => Number.isFinite(f(end)) && end > least && end < most);
    const sampled = [...seen, ...ends].sort((a, b) => a - b);
    set(curve, { d: path(sampled.map((at) => [x(at), y(f(at))])) });
    set(axes, { d: `M0 ${y(0)}h${SIZE}M${x(0)} 0v${SIZE}` });
    ticks.replaceChildren(
      ...marks(frame[0]).map((at) => text(x(at), y(0) + 15, short(at, 1))),
      ...marks(frame[1]).map((at) => text(x(0) - 6, y(at) + 4, short(at, 1), "end")),
      text(SIZE - 6, y(0) - 7, axis, "end", "name"));
  }
  /** Round numbers other than 0 between two ends. */
  function marks([least, most]) {
    const step = most - least > 2 ? (most - least > 8 ? 2 : 1) : 0.5;
    return STEPS.slice(0, 21).map((_, i) => (i - 10) * step).filter((at) => at && at > least && at < most);
  }
  const text = (at, height, inside, anchor = "middle", kind = "") =>
    svg("text", { x: at, y: height, "text-anchor": anchor, class: kind }, inside);
  const say = (i, at, height, inside, anchor) => {
    set(words[i], { x: clamp(at, 4, SIZE - 4), y: clamp(height, 14, SIZE - 6), "text-anchor": anchor });
    words[i].textContent = inside;
  };

  /** Moves what moves: places [at, f(at)], tangents [slope, intercept] of p and q. */
  function draw(places, tangents, gapOf, intercept) {
    const seen = (at) => (at < 0 || at > SIZE ? clamp(at, 8, SIZE - 8) : at);
    const inFrame = ([at, height]) => [seen(x(at)), seen(y(height))];
    places.forEach((at, i) => {
      const [left, top] = inFrame(at);
      const [slope, base] = tangents[i];
      const ends = frame[0].map((end) => [x(end), y(slope * end + base)]);
      place(points[i], [left, top], at[0], `${axis} = ${short(at[0], 4)}`);
      // Square to the curve and above it, where it is convex and nothing else is drawn.
      const rise = clamp((slope * (y(0) - y(1))) / (x(1) - x(0)), -1e6, 1e6);
      const steep = Math.abs(rise) === 1e6 || !Number.isFinite(base);
      set(lines[i], { d: i > gapOf.tangent ? "" : steep ? `M${left} 0v${SIZE}` : path(ends) });
      const away = 19 / Math.hypot(rise, 1);
      say(i, left - away * rise, top - away + 5, i ? "q" : "p", "middle");
    });
    const [slope, base] = tangents[gapOf.tangent];
    const [at, height] = places[gapOf.at];
    const below = slope * at + base;
    const shown = Number.isFinite(y(below)) && Number.isFinite(y(height));
    const [left, top] = [clamp(x(at), 0, SIZE), shown ? y(height) : 0];
    set(gap, { d: shown ? `M${left} ${top}V${y(below)}` : "" });
    const [turned, cut] = tangents[0];
    const meets = Number.isFinite(turned) && Number.isFinite(y(cut));
    const falls = turned < 0;
    const low = y(cut) + 16;
    set(mark, { d: meets ? `M${x(0) - 6} ${y(cut)}h12` : "" });
    say(3, x(0) + (falls ? -10 : 10), meets ? low : 0, meets ? intercept : "", falls ? "end" : "start");
    // Beside the gap, where curve and tangent part, if there is room and no other label.
    const tall = shown && y(below) - top > 24;
    const middle = shown ? (top + y(below)) / 2 + 4 : 0;
    const part = at >= places[gapOf.tangent][0] ? 1 : -1;
    const inside = (way) => (way > 0 ? left < 284 : left > 76);
    const met = (way) => Math.abs(middle - low) < 20 && Math.abs(left + way * 42 - x(0) - (falls ? -31 : 31)) < 56;
    const way = [part, -part].find((way) => inside(way) && !met(way)) ?? [part, -part].find(inside);
    say(2, left + way * 9, middle, tall ? "KL(p ‖ q)" : "", way > 0 ? "start" : "end");
  }
  return { node, stage, draw };
}

function render({ model, el }) {
  const { title, note, fixed } = model.get("data");
  const state = {};
  const refresh = once(draw);
  let refusal = "";
  const family = () => FAMILIES[state.family];

  function take(name, naturals) {
    const staged = name !== state.family;
    Object.assign(state, { family: name, at: naturals });
    refusal = "";
    if (staged) {
      const { frames, ends, A, dual } = family();
      left.stage(frames.slice(0, 2), A, ends[0]);
      right.stage(frames.slice(2), dual, ends[1]);
      choice.value = name;
    }
    refresh();
  }
  const fromPython = () => take(model.get("family"), [model.get("natural"), model.get("other")].map(Number));
  function go(name, naturals) {
    take(name, naturals);
    model.set("family", name);
    model.set("natural", encode(naturals[0]));
    model.set("other", encode(naturals[1]));
    model.save_changes();
  }

  /** Moves p or q to a value of η or μ, or by steps; past the frame lies the end of a closed family. */
  const mover = (which) => (i, value, steps) => {
    const { frames, ends, closed, mean, natural } = family();
    const [least, most] = frames[2 * which];
    const [low, high] = ends[which];
    const now = which ? mean(state.at[i]) : state.at[i];
    const step = (most - least) / 200;
    const to = value ?? clamp(now, least, most) + steps * step;
    const edge = [Math.max(low, least), Math.min(high, most)];
    let at = clamp(to, edge[0] + (closed[0] ? 0 : step), edge[1] - (closed[1] ? 0 : step));
    if (closed[0] && (at <= low || to < least)) at = low;
    if (closed[1] && (at >= high || to > most)) at = high;
    go(state.family, state.at.with(i, which ? natural(at) : at));
  };
  const left = side("A", "η", mover(0));
  const right = side("A*", "μ", mover(1));
  const choice = html("select", { "aria-label": "family", onchange: () => go(choice.value, FAMILIES[choice.value].start) },
    ...Object.keys(FAMILIES).map((name) => html("option", {}, name)));
  const formulas = [html("span"), html("span")];

  const complain = (message) => ((refusal = message), refresh());
  const typed = (which, i) => field(`${which ? "μ" : "η"} of ${i ? "q" : "p"}`, (x) => {
    const { ends, closed, natural } = family();
    const [low, high] = ends[which];
    const fits = (x > low && x < high) || (closed[0] && x === low) || (closed[1] && x === high);
    if (!fits) throw RangeError(`${which ? "μ" : "η"} must be between ${short(low, 0)} and ${short(high, 0)}`);
    go(state.family, state.at.with(i, which ? natural(x) : x));
  }, complain);
  const fields = [0, 1].map((which) => [0, 1].map((i) => typed(which, i)));
  const cells = {};
  const tr = (name, formula, inside) =>
    html("tr", {}, html("td", {}, html("span", { class: "math" }, name), " ", html("small", {}, formula)), ...inside);
  const cell = (name) => (cells[name] = html("td", { "data-fact": name }));
  const status = html("p", { class: "status", role: "status" });
  root(el,
    html("h1", {}, title),
    html("p", { class: "lead" }, note),
    ...(fixed ? [] : [html("p", { class: "lead" }, "Family ", choice)]),
    html("div", { class: "pictures", style: "grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr))" },
      panel("A over η", formulas[0], left.node, "The tangent at p has slope μ and meets η = 0 at −A*(μ): it turns with p, the curve stays. The gap between it and the curve at q is KL(p ‖ q)."),
      panel("A* over μ", formulas[1], right.node, "The tangent at p has slope η and meets μ = 0 at −A(η). The gap at p between the curve and the tangent at q is the same KL(p ‖ q): the roles are exchanged."),
      html("div", { style: "max-width:540px" },
        html("table", {},
          html("thead", {}, html("tr", {}, html("th"), html("th", {}, "p"), html("th", {}, "q"))),
          html("tbody", {},
            tr("η", "", fields[0].map(({ node }) => html("td", {}, node))),
            tr("μ", "= A′(η)", fields[1].map(({ node }) => html("td", {}, node))),
            tr("A(η)", "", [cell("A p"), cell("A q")]),
            tr("A*(μ)", "", [cell("A* p"), cell("A* q")]),
            tr("A + A* − ημ", "", [cell("gap p"), cell("gap q")]))),
        html("table", { class: "facts" }, html("tbody", {},
          tr("KL(p ‖ q)", "the gap, left and right", [cell("KL(p ‖ q)")]),
          tr("KL(q ‖ p)", "the other way", [cell("KL(q ‖ p)")]))),
        status)));

  function words() {
    const ends = state.at.map((eta, i) => [["p", "q"][i], eta]).filter(([, eta]) => !Number.isFinite(eta));
    const said = ends.map(([who, eta]) => `${who} has η = ${short(eta, 0)}, μ = ${short(family().mean(eta), 0)}`);
    if (ends.length) return `On the boundary: ${said.join("; ")}. It is drawn at the edge, and every formula holds, with 0·(−∞) = 0.`;
    return "Drag p or q on either curve, use the arrow keys, or type a number.";
  }

  function draw() {
    const { A, mean, dual, formulas: texts } = family();
    const etas = state.at;
    const mus = etas.map(mean);
    left.draw(etas.map((eta) => [eta, A(eta)]), mus.map((mu) => [mu, -dual(mu)]), { tangent: 0, at: 1 }, "−A*(μ)");
    right.draw(mus.map((mu) => [mu, dual(mu)]), etas.map((eta) => [eta, -A(eta)]), { tangent: 1, at: 0 }, "−A(η)");
    formulas.forEach((node, i) => (node.textContent = texts[i]));
    const fill = (name, value) => (cells[name].textContent = rounded((cells[name].dataset.value = value)));
    ["p", "q"].forEach((who, i) => {
      fields[0][i].put(etas[i]);
      fields[1][i].put(mus[i]);
      fill(`A ${who}`, A(etas[i]));
      fill(`A* ${who}`, dual(mus[i]));
      const infinite = A(etas[i]) === Infinity; // as η → ∞, A − ημ → 0
      fill(`gap ${who}`, infinite ? 0 : A(etas[i]) + dual(mus[i]) - times(etas[i], mus[i]));
    });
    fill("KL(p ‖ q)", kl(state.family, ...etas));
    fill("KL(q ‖ p)", kl(state.family, etas[1], etas[0]));
    const message = refusal || words();
    if (status.textContent !== message) status.textContent = message;
  }

  fromPython();
  const news = ["family", "natural", "other"].map((name) => `change:${name}`);
  news.forEach((name) => model.on(name, fromPython));
  return () => news.forEach((name) => model.off(name, fromPython));
}

export default { render };
