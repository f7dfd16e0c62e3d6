// Where η and μ stand: the plane of log-ratios with its rim, the triangle, and their level curves.
import { clamp, path, sum } from "./common.js";
import { conjugate } from "./logsumexp.js";

// ---------------------------------------------------------------- the natural plane

// The plane (η₁ − η₃, η₂ − η₃) with a rim: its square frame is the triangle's border at infinity,
// corners 3, 1 and 2 at the lower left, lower right and upper left; η₃ = −∞ is above and right.
export const REACH = 6;
export const SIZE = 360;
export const RIM = 18;
const UNIT = (SIZE / 2 - RIM - 2) / REACH;
const BAND = RIM / 2 / UNIT;
export const onPlane = ([x, y]) => [SIZE / 2 + x * UNIT, SIZE / 2 - y * UNIT];
export const offPlane = (x, y) => [(x - SIZE / 2) / UNIT, (SIZE / 2 - y) / UNIT];
/** Whether a spot is in the plane, not on its rim. */
export const onScreen = (at) => at.every((x) => Math.abs(x) <= REACH);
export const within = (x) => clamp(x, -REACH, REACH);

/** Where η stands in the plane or, where some ηᵢ = −∞, on its rim; what is far, just inside. */
export function spot(eta) {
  const gone = eta.map((x) => x === -Infinity);
  const out = REACH + BAND;
  if (sum(gone.map(Number)) === 2) return [gone[0] ? -out : out, gone[1] ? -out : out];
  if (gone[2]) {
    const d = eta[0] - eta[1];
    const [x, y] = [within(REACH + d), within(REACH - d)];
    return [x === REACH ? out : x, y === REACH ? out : y];
  }
  const [x, y] = [eta[0] - eta[2], eta[1] - eta[2]];
  const over = Math.max(x, y, REACH) - REACH;
  const pull = Number.isFinite(over) ? over : 0;
  return [gone[0] ? -out : within(x - pull), gone[1] ? -out : within(y - pull)];
}

/** η at a spot, with η₃ = c where that is finite. */
export function fromSpot([x, y], c) {
  const gone = [x < -REACH, y < -REACH, x > REACH || y > REACH];
  const half = (Math.min(x, REACH) - Math.min(y, REACH)) / 2;
  const eta = gone[2] ? [half, -half, 0] : [x, y, 0];
  const alone = sum(gone.map(Number)) === 2; // a corner
  return eta.map((value, i) => (gone[i] ? -Infinity : alone ? c : value + c));
}

export const LEVELS = [0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 8];
const STEPS = Array.from({ length: 81 }, (_, i) => ((i - 40) * Math.abs(i - 40)) / 40);

/** The curve A(x, y, 0) = a: exp(x/T) + exp(y/T) = exp(a/T) − 1, one shape for all a. */
export function levelCurve(a, T) {
  const far = 2 * REACH + 4;
  const corner = T === 0 ? a : a + T * Math.log1p(-Math.exp(-a / T));
  if (T < 0.02) return [[-far, corner], [corner, corner], [corner, -far]];
  const drop = (s) => corner - T * Math.log1p(Math.exp(-s));
  const scale = Math.max(1, far / T / 40);
  return STEPS.map((s) => [drop(s * scale), drop(-s * scale)]);
}

// ---------------------------------------------------------------- the simplex

export const CORNERS = [[330, 310], [180, 50.2], [30, 310]];
export const inTriangle = (mu) => [0, 1].map((axis) => sum(mu.map((x, i) => x * CORNERS[i][axis])));

/** The mean at a place; what is outside, on the border: exact zeros. */
export function fromTriangle(x, y) {
  const up = (CORNERS[0][1] - y) / (CORNERS[0][1] - CORNERS[1][1]);
  const along = (x - CORNERS[2][0]) / (CORNERS[0][0] - CORNERS[2][0]) - up / 2;
  const kept = [along, up, 1 - along - up].map((value) => (value < 1e-12 ? 0 : value));
  return kept.map((value) => value / sum(kept));
}

/** The points of the triangle with a given A*/T, one on each ray from the centre, bar those cut. */
export function conjugateCurve(level) {
  const parts = [[]];
  for (let turn = 0; turn <= 120; turn++) {
    const angle = (turn / 60) * Math.PI;
    const way = [0, 2, 4].map((third) => Math.cos(angle - (third * Math.PI) / 3) / 3);
    const at = (r) => way.map((w) => Math.max(1 / 3 + r * w, 0));
    let [low, high] = [0, 1 / -Math.min(...way) / 3];
    if (conjugate(at(high)) < level) {
      parts.push([]);
      continue;
    }
    for (let i = 0; i < 30; i++) {
      const middle = (low + high) / 2;
      if (conjugate(at(middle)) < level) low = middle;
      else high = middle;
    }
    parts.at(-1).push(inTriangle(at(low)));
  }
  return parts.filter((part) => part.length > 1).map(path).join("");
}
