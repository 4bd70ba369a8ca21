// Which days of a calendar are not like the others: closed, closed for a part, or with hours of their own.
import type { JsonObject } from "../flows/model/types";

export type Marked = { readonly is: "closed" | "part" | "special"; readonly why: Readonly<Record<string, string>> };

/** Days of one closure at most; a longer one is a mistake that the server refuses. */
const DAYS_MAX = 3_660;

export function daysOf(settings: JsonObject): ReadonlyMap<string, Marked> {
  const days = new Map<string, Marked>();
  for (const { date, description } of rows(settings["special"])) {
    if (isDate(date)) days.set(date, { is: "special", why: words(description) });
  }
  // A closure wins over hours of a day's own (PBX-07).
  for (const { from, to, from_time, to_time, description } of rows(settings["closed"])) {
    const is = typeof from_time === "string" || typeof to_time === "string" ? "part" : "closed";
    for (const day of isDate(from) && isDate(to) ? between(from, to) : []) days.set(day, { is, why: words(description) });
  }
  return days;
}

function between(from: string, to: string): readonly string[] {
  const days: string[] = [];
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`) && days.length < DAYS_MAX; at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

function rows(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((row): row is Record<string, unknown> => typeof row === "object" && row !== null) : [];
}

function isDate(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
}

function words(value: unknown): Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
}
