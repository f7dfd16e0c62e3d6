// A(η) = T log Σ exp(ηᵢ/T), its gradient, its conjugate and their divergences, on the boundary too.
import { sum, times, xlogx } from "./common.js";

export const inner = (a, b) => sum(a.map((x, i) => times(x, b[i])));

/** The exponentials of (η − max)/T, and their sum less one: the first maximum counts exactly 1. */
function shifted(eta, T) {
  const top = Math.max(...eta);
  if (!Number.isFinite(top)) throw RangeError("η must have an entry above −∞, and none of +∞");
  const powers = eta.map((x) => (T === 0 ? Number(x === top) : Math.exp((x - top) / T)));
  const first = eta.indexOf(top);
  return { top, powers, excess: sum(powers.filter((_, i) => i !== first)) };
}

export function logPartition(eta, T = 1) {
  const { top, excess } = shifted(eta, T);
  return top + T * Math.log1p(excess);
}

/** ∇A: softmax(η/T), and at T = 0 arg max, ties split. */
export function mean(eta, T = 1) {
  const { powers, excess } = shifted(eta, T);
  return powers.map((power) => power / (1 + excess));
}

/** log p with its digits, also where p rounds to 0 or to 1. */
export function logMean(eta, T = 1) {
  const { top, powers, excess } = shifted(eta, T);
  const scaled = (x, i) => (T === 0 ? Math.log(powers[i]) : (x - top) / T);
  return eta.map((x, i) => scaled(x, i) - Math.log1p(excess));
}

/** ∇A*: T log μ, in the gauge A = 0; of a dominant entry from the sum of the others. */
export function natural(mu, T = 1) {
  const total = sum(mu);
  return mu.map((x, i) => {
    const rest = sum(mu.filter((_, j) => j !== i));
    return T * (x > total / 2 ? -Math.log1p(rest / x) : Math.log(x / total));
  });
}

export const conjugate = (mu, T = 1) => T * sum(mu.map(xlogx));

/** KL of softmax(p) from softmax(q): Σ p (exp δ − 1 − δ), δ = log q/p; no term is negative. */
export function kl(p, q) {
  const [a, b] = [logMean(p), logMean(q)];
  return sum(
    a.map((log, i) => {
      const [x, y, delta] = [Math.exp(log), Math.exp(b[i]), b[i] - log];
      if (log === -Infinity) return y;
      if (delta === -Infinity) return Infinity;
      return Math.abs(delta) < 1 ? x * (Math.expm1(delta) - delta) : y - x - x * delta;
    }),
  );
}
