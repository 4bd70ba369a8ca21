import { expect, test } from "vitest";
import { afterIn, joined } from "./usePages";

test("the link to the next page says where it begins", () => {
  expect(afterIn("/api/v1/interactions?limit=2&text=a%20b&after=i7")).toBe("i7");
  expect([afterIn(null), afterIn(undefined), afterIn("/api/v1/audit?limit=2")]).toEqual([undefined, undefined, undefined]);
});

test("a thing that two pages hold is shown once, where it first stands", () => {
  expect(joined([{ items: [{ id: "i3" }, { id: "i9" }] }, { items: [{ id: "i2" }, { id: "i3" }] }]).map((one) => one.id)).toEqual(["i3", "i9", "i2"]);
});
