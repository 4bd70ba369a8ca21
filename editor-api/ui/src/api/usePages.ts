// A list that is read a page at a time, from its newest end back. The first page is read again as things happen; once
// somebody looks further back, what he looks at stands still.
import { useState } from "react";
import type { Problem, Result } from "./client";
import { useLoad, useSteady } from "./useLoad";

type Page<T> = { readonly items: readonly T[]; readonly next?: string | null };

export type Pages<T> = {
  /** Undefined until the first page is there. */
  readonly items: readonly T[] | undefined;
  readonly problem: Problem | undefined;
  /** Reads the next page; null when there is none. */
  readonly more: (() => Promise<void>) | null;
};

/** `key` stands for everything that `load` depends on; `version` rises when something happened. */
export function usePages<T extends { readonly id: string }>(load: (after: string | undefined) => Promise<Result<Page<T>>>, key: string, version: number): Pages<T> {
  const [further, setFurther] = useState<{ readonly key: string; readonly version: number; readonly pages: readonly Page<T>[] } | null>(null);
  const back = further?.key === key ? further : null;
  const at = back?.version ?? version;
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const first = useLoad(() => load(undefined), `${key} ${at}`);
  const steady = useSteady(first.value === undefined ? undefined : { key, page: first.value });
  const page = steady?.key === key ? steady.page : undefined;
  const pages = page === undefined ? [] : [page, ...(back?.pages ?? [])];
  const after = afterIn(pages.at(-1)?.next);
  const more = async () => {
    const result = await load(after);
    if (!result.ok) return setProblem(result.problem);
    setProblem(undefined);
    setFurther({ key, version: at, pages: [...(back?.pages ?? []), result.value] });
  };
  return { items: page === undefined ? undefined : joined(pages), problem: first.problem ?? problem, more: after === undefined ? null : more };
}

/** Where the next page begins, of the link to it. */
export function afterIn(next: string | null | undefined): string | undefined {
  return next == null ? undefined : (new URLSearchParams(next.split("?")[1] ?? "").get("after") ?? undefined);
}

/** The things of all pages, each once. */
export function joined<T extends { readonly id: string }>(pages: readonly Page<T>[]): readonly T[] {
  return [...new Map(pages.flatMap(({ items }) => items).map((one) => [one.id, one])).values()];
}
