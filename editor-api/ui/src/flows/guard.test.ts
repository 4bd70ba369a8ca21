import { expect, test } from "vitest";
import { FIRST_GUARD, guardOf } from "./guard";

test("a bound that is left empty is no bound, and none is nothing at all", () => {
  expect(guardOf(FIRST_GUARD)).toEqual({ window: "15m", started_min: 20, faults_max: 2 });
  expect(guardOf({ ...FIRST_GUARD, faults_max: "0", unqualified_max: " 30 " })).toEqual({ window: "15m", started_min: 20, faults_max: 0, unqualified_max: 30 });
});
