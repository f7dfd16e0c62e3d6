// The surface of A over the natural plane and its tangent plane, on a canvas.
import { clamp } from "./common.js";
import { conjugate, logPartition } from "./logsumexp.js";
import { LEVELS, levelCurve, onScreen, REACH, SIZE, spot } from "./simplex.js";

const CELLS = 24;
const SCALE = 21;
const TILT = 0.42;
const HEIGHT = 0.8;
const LEAST = -2.5;

/** Draws A over the plane, seen from the south, and its tangent plane ⟨η, μ⟩ − A*(μ) below it. */
export function drawSurface(canvas, turn, { eta, mu, T, c, data }) {
  const size = Math.round(canvas.clientWidth * devicePixelRatio);
  if (canvas.width !== size) canvas.width = canvas.height = size;
  const style = getComputedStyle(canvas);
  const colours = ["paper", "ink", "soft", "point", "data", "level", "sheet"];
  const [paper, ink, soft, warm, cold, grey, sheet] = colours.map((x) => style.getPropertyValue(`--${x}`));
  const pen = canvas.getContext("2d");
  pen.setTransform(size / SIZE, 0, 0, size / SIZE, 0, 0);
  pen.clearRect(0, 0, SIZE, SIZE);
  pen.font = "600 12px system-ui, sans-serif";
  pen.textAlign = "center";

  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const depth = ([x, y]) => y * cos - x * sin;
  const flat = ([x, y, z]) => [
    SIZE / 2 + (x * cos + y * sin) * SCALE,
    SIZE / 2 - ((z + clamp(c, -3, 3) - 2.6) * HEIGHT + depth([x, y]) * TILT) * SCALE,
  ];
  const fill = (colour, alpha = 1) => {
    Object.assign(pen, { fillStyle: colour, globalAlpha: alpha }).fill();
  };
  const stroke = (colour, width, alpha = 1) => {
    Object.assign(pen, { strokeStyle: colour, lineWidth: width, globalAlpha: alpha }).stroke();
  };
  const trace = (points) => {
    pen.beginPath();
    for (const point of points) pen.lineTo(...flat(point));
  };
  const dot = (point, radius, inner, outer) => {
    pen.beginPath();
    pen.arc(...flat(point), radius, 0, 7);
    fill(inner);
    stroke(outer, 2.4);
  };
  const name = (words, point, below, colour) => {
    const [x, y] = flat(point);
    const room = pen.measureText(words).width / 2 + 2;
    pen.fillStyle = colour;
    pen.fillText(words, clamp(x, room, SIZE - room), Math.min(y + below, SIZE - 6));
  };
  const above = (x, y) => [x, y, logPartition([x, y, 0], T)];
  const tangent = (x, y) => [x, y, x * mu[0] + y * mu[1] - conjugate(mu, T)];

  // The surface is convex and seen from above: its tangent plane is behind all of it.
  const square = [[-REACH, -REACH], [REACH, -REACH], [REACH, REACH], [-REACH, REACH]];
  const plane = cut(square.map((at) => tangent(...at)));
  trace([...plane, plane[0]]);
  fill(warm, 0.3);
  stroke(warm, 1.6);
  const grid = Array.from({ length: CELLS + 1 }, (_, i) => (i / CELLS - 0.5) * 2 * REACH);
  const heights = grid.map((x) => grid.map((y) => above(x, y)));
  const cells = grid.slice(1).flatMap((_, i) =>
    grid.slice(1).map((_, j) => [heights[i][j], heights[i + 1][j], heights[i + 1][j + 1], heights[i][j + 1]]),
  );
  cells.sort((a, b) => depth(b[0]) - depth(a[0]));
  for (const cell of cells) {
    trace([...cell, cell[0]]);
    fill(sheet, 0.45 + 0.06 * Math.min(cell[0][2], 7));
    stroke(paper, 0.6, 0.4);
  }
  const curve = (a, colour, width) => {
    trace(levelCurve(a, T).filter(onScreen).map(([x, y]) => [x, y, a]));
    stroke(colour, width);
  };
  for (const a of LEVELS) curve(a, grey, 0.8);
  const here = spot(eta);
  const point = above(...here);
  if (onScreen(here)) curve(point[2], ink, 1.8);
  const seen = data && spot(data);
  if (seen && onScreen(seen)) {
    trace([tangent(...seen), above(...seen)]);
    stroke(cold, 3);
    dot(above(...seen), 4, paper, cold);
  }
  if (onScreen(here)) dot(point, 7, warm, paper);
  name("η₁ − η₃", above(3, -REACH - 2), 12, soft);
  name("η₂ − η₃", above(-REACH - 2, 1), 0, soft);
  name("A", above(REACH, REACH), -12, ink);
  name("tangent plane, slope μ", plane.reduce((a, b) => (flat(b)[1] > flat(a)[1] ? b : a)), 16, warm);
}

/** The part of a polygon that is not below the picture. */
function cut(points) {
  return points.flatMap((p, i) => {
    const q = points[(i + 1) % points.length];
    const share = (LEAST - p[2]) / (q[2] - p[2]);
    const kept = p[2] >= LEAST ? [p] : [];
    const crosses = p[2] >= LEAST !== q[2] >= LEAST;
    return crosses ? [...kept, p.map((x, axis) => x + share * (q[axis] - x))] : kept;
  });
}
