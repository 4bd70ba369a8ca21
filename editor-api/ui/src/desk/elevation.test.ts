import { expect, test } from "vitest";
import type { Channel } from "../flows/model/types";
import { elevations } from "./elevation";

test("max_08_only_fifteen_pairs_of_the_six_channels_are_offered", () => {
  const six: readonly Channel[] = ["webchat", "email", "voice", "work_item", "voicemail", "sms"];
  const pairs = six.flatMap((from) => elevations(from, []).map((to) => [from, to]));
  expect(pairs.length).toBe(15);
  expect(pairs.every(([from, to]) => from !== to && to !== "webchat" && to !== "work_item" && to !== "voicemail")).toBe(true);
});

test("max_09_a_channel_that_is_there_already_is_not_offered_again", () => {
  expect(elevations("webchat", [{ channel: "voice" }])).toEqual(["email", "sms"]);
  expect(elevations("sms", [{ channel: "voice" }, { channel: "email" }])).toEqual([]);
});
