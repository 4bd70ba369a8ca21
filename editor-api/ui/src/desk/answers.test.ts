import { expect, test } from "vitest";
import { answersOf, unanswered, type Question } from "./answers";

const question = (id: string, answer: unknown, required = true) => ({ id, answer, required, text: {} }) as Question;
const ASKED = [
  question("rating", { type: "scale", min: 1, max: 5 }),
  question("solved", { type: "yes_no" }),
  question("topic", { type: "choice", options: [] }),
  question("amount", { type: "number" }, false),
  question("note", { type: "text" }, false),
];

test("dyd_23_answers_are_stored_in_their_type_and_empty_fields_are_none", () => {
  expect(answersOf(ASKED, { rating: "4", solved: "false", topic: "sales", amount: "1.5", note: "  " })).toEqual({ rating: 4, solved: false, topic: "sales", amount: 1.5 });
  expect(answersOf(ASKED, {})).toEqual({});
});

test("dyd_23_what_must_be_answered_is_named", () => {
  expect(unanswered(ASKED, { solved: "true", topic: " " })).toEqual(["rating", "topic"]);
  expect(unanswered(ASKED, { rating: "1", solved: "true", topic: "x" })).toEqual([]);
});
