import { expect, test } from "vitest";
import { noted, pathOf, type Reading } from "./history";

const reading = (at: number, waiting: number): Reading => ({ at, waiting, active: 0, available: 0 });

test("readings that come too soon take the place of the last, and old ones are forgotten", () => {
  const history = [0, 5_000, 6_000, 10_000].reduce<readonly Reading[]>((all, at) => noted(all, reading(at, at)), []);
  expect(history.map((one) => [one.at, one.waiting])).toEqual([[0, 0], [5_000, 6_000], [10_000, 10_000]]);
  expect(noted(history, reading(31 * 60_000, 1)).map((one) => one.at)).toEqual([31 * 60_000]);
});

test("a chart is a stepped line up to now, as high as the highest", () => {
  const history = [reading(0, 0), reading(10_000, 4), reading(20_000, 2)];
  expect(pathOf(history, (one) => one.waiting, 40_000, 100, 20)).toBe("M0 20H25V0H50V10H100");
  expect(pathOf([], (one) => one.waiting, 0, 100, 20)).toBe("");
});
