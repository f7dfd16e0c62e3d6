// The surface of A over the natural plane and its tangent plane, on a canvas.
import { clamp } from "./common.js";
import { conjugate, logPartition } from "./logsumexp.js";
import { LEVELS, levelCurve, onScreen, REACH, SIZE, spot, within } from "./simplex.js";

const CELLS = 24;
const SCALE = 21;
const TILT = 0.38;
const HEIGHT = 0.7;
const FLOOR = -3;

/** Draws A over the plane, seen from the south, its tangent plane ⟨η, μ⟩ − A*(μ), and a floor below both. */
export function drawSurface(canvas, turn, { eta, mu, T, c, data }) {
  const size = Math.round(canvas.clientWidth * devicePixelRatio);
  if (canvas.width !== size) canvas.width = canvas.height = size;
  const style = getComputedStyle(canvas);
  const colours = ["paper", "ink", "soft", "point", "data", "level", "sheet", "rim"];
  const [paper, ink, soft, warm, cold, grey, sheet, rim] = colours.map((x) => {
    canvas.style.color = `var(--${x})`;
    return style.color;
  });
  const pen = canvas.getContext("2d");
  pen.setTransform(size / SIZE, 0, 0, size / SIZE, 0, 0);
  pen.clearRect(0, 0, SIZE, SIZE);
  pen.font = "600 12px system-ui, sans-serif";
  pen.textAlign = "center";

  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const depth = ([x, y]) => y * cos - x * sin;
  const flat = ([x, y, z]) => [
    SIZE / 2 + (x * cos + y * sin) * SCALE,
    SIZE / 2 - ((z - 4.5) * HEIGHT + depth([x, y]) * TILT) * SCALE,
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
  const name = (words, point, colour) => {
    Object.assign(pen, { fillStyle: colour, strokeStyle: paper, lineWidth: 3, globalAlpha: 1 });
    const [x, y] = flat(point);
    const at = [clamp(x, 24, SIZE - 24), y];
    pen.strokeText(words, ...at);
    pen.fillText(words, ...at);
  };
  const lift = clamp(c, FLOOR, 3);
  const above = (x, y) => [x, y, logPartition([x, y, 0], T) + lift];
  const tangent = (x, y) => [x, y, x * mu[0] + y * mu[1] - conjugate(mu, T) + lift];

  // The surface is convex and seen from above: its tangent plane is behind all of it.
  const square = [[-REACH, -REACH], [REACH, -REACH], [REACH, REACH], [-REACH, REACH]];
  trace(square.map(([x, y]) => [x, y, FLOOR]));
  fill(rim);
  for (const way of [[1, 0], [0, 1]]) {
    trace([-REACH, REACH].map((x) => [...way.map((w) => w * x), FLOOR]));
    stroke(grey, 1, 0.6);
  }
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
    fill(sheet, 0.45 + 0.06 * clamp(cell[0][2] - lift, 0, 7));
    stroke(paper, 0.6, 0.4);
  }
  const curve = (a, colour, width) => {
    trace(levelCurve(a, T).filter(onScreen).map(([x, y]) => [x, y, a + lift]));
    stroke(colour, width);
  };
  for (const a of LEVELS) curve(a, grey, 0.8);
  const here = spot(eta);
  const foot = here.map(within);
  if (onScreen(here)) curve(logPartition([...here, 0], T), ink, 1.8);
  trace([[...foot, FLOOR], above(...foot)]);
  stroke(warm, 1.2, 0.7);
  if (data) {
    const seen = spot(data).map(within);
    trace([tangent(...seen), above(...seen)]);
    stroke(cold, 3);
    dot(above(...seen), 4, paper, cold);
  }
  dot(above(...foot), 7, ...(onScreen(here) ? [warm, paper] : [paper, warm]));
  name("η₁ − η₃", [1, -REACH - 2, FLOOR], soft);
  name("η₂ − η₃", [-REACH - 1.8, -1, FLOOR], soft);
  name("A", [REACH, REACH, above(REACH, REACH)[2] + 0.6], ink);
}

/** The part of a polygon that is not below the floor. */
function cut(points) {
  return points.flatMap((p, i) => {
    const q = points[(i + 1) % points.length];
    const share = (FLOOR - p[2]) / (q[2] - p[2]);
    const kept = p[2] >= FLOOR ? [p] : [];
    const crosses = p[2] >= FLOOR !== q[2] >= FLOOR;
    return crosses ? [...kept, p.map((x, axis) => x + share * (q[axis] - x))] : kept;
  });
}
