import { expect, test } from "vitest";
import { asLength } from "./length";

test.each([
  [0, "0s"],
  [90_000, "1m30s"],
  [86_400_000, "1d"],
  [90_061_001, "1d1h1m1s1ms"],
])("%d ms is written %s", (milliseconds, written) => {
  expect(asLength(milliseconds)).toBe(written);
});
