// How the floor stood over the last minutes, as it was seen here: one reading at most every few seconds, kept while the
// Studio is open in this window.
export type Reading = { readonly at: number; readonly waiting: number; readonly active: number; readonly available: number };

const EVERY_MS = 5_000;
const KEPT_MS = 30 * 60_000;

/** Adds a reading. One that comes too soon after the last takes its place. */
export function noted(history: readonly Reading[], reading: Reading): readonly Reading[] {
  const last = history.at(-1);
  const before = last !== undefined && reading.at - last.at < EVERY_MS && history.length > 1 ? [...history.slice(0, -1), { ...reading, at: last.at }] : [...history, reading];
  return before.filter((one) => reading.at - one.at <= KEPT_MS);
}

/** A stepped line through a measure of the readings, in a box of a width and a height. */
export function pathOf(history: readonly Reading[], of: (reading: Reading) => number, now: number, width: number, height: number): string {
  const first = history[0];
  if (first === undefined) return "";
  const span = Math.max(now - first.at, EVERY_MS);
  const top = Math.max(1, ...history.map(of));
  const x = (at: number) => Math.round(((at - first.at) / span) * width * 10) / 10;
  const y = (value: number) => Math.round((height - (value / top) * height) * 10) / 10;
  const steps = history.slice(1).map((reading) => `H${x(reading.at)}V${y(of(reading))}`);
  return `M0 ${y(of(first))}${steps.join("")}H${width}`;
}
