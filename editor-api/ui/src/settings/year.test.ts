import { expect, test } from "vitest";
import { daysOf } from "./year";

test("every day of a closure is marked, over the end of a month and over hours of its own", () => {
  const days = daysOf({
    special: [{ date: "2026-12-24", description: { en: "Half day" } }, { date: "2027-01-01" }],
    closed: [{ from: "2026-12-31", to: "2027-01-01", description: { en: "New year" } }, { from: "2026-07-14", to: "2026-07-14", from_time: "12:00" }],
  });
  expect([...days].map(([day, { is }]) => [day, is]).sort()).toEqual([
    ["2026-07-14", "part"],
    ["2026-12-24", "special"],
    ["2026-12-31", "closed"],
    ["2027-01-01", "closed"],
  ]);
  expect(days.get("2027-01-01")?.why).toEqual({ en: "New year" });
});

test("what is not written out yet marks nothing", () => {
  expect(daysOf({}).size).toBe(0);
  expect(daysOf({ closed: [{ from: "2026-05-0", to: "2026-05-02" }, { from: "2026-05-02", to: "2026-05-01" }], special: [{ date: "soon" }] }).size).toBe(0);
});
