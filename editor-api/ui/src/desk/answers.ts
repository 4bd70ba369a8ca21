// The operator's questionnaire (DYD-23): what he typed so far, and the answers as they are stored.
import type { Schemas } from "../api/client";
import type { Json } from "../flows/model/types";

export type Question = Schemas["Question"];
/** What stands in each field, by question; an empty text is no answer. */
export type Typed = { readonly [question: string]: string };

/** The answers, of those questions that have one. */
export function answersOf(questions: readonly Question[], typed: Typed): { readonly [question: string]: Json } {
  const answered = questions.flatMap(({ id, answer }) => {
    const text = (typed[id] ?? "").trim();
    return text === "" ? [] : [[id, valueOf(answer, text)] as const];
  });
  return Object.fromEntries(answered);
}

function valueOf(answer: Question["answer"], text: string): Json {
  switch (answer.type) {
    case "integer":
    case "scale":
    case "number":
      return Number(text);
    case "yes_no":
      return text === "true";
    case "choice":
    case "date":
    case "email":
    case "phone":
    case "text":
      return text;
  }
}

/** Questions that must be answered and are not. */
export function unanswered(questions: readonly Question[], typed: Typed): readonly string[] {
  return questions.flatMap(({ id, required }) => (required !== false && (typed[id] ?? "").trim() === "" ? [id] : []));
}
