// What settings may name: skills, calendars, flows and the rest of the catalogue, by kind.
import { useEffect, useState } from "react";
import { api, type Result } from "../api/client";
import { CHANNELS } from "../flows/model/types";
import { valueTitle } from "./titles";
import { spoken, useWords, type Language, type Words } from "../i18n";

export type Named = { readonly id: string; readonly title: string };
export type References = {
  readonly names: (kind: string) => readonly Named[];
  /** What people call something; its id when nothing is known of it. */
  readonly title: (kind: string, id: string) => string;
};

type Line = { readonly id: string; readonly title: Words | string };
type Lists = { readonly [kind: string]: readonly Line[] };

const CHANNEL_LINES: readonly Line[] = CHANNELS.map((id) => ({ id, title: "" }));

const PAGE = { query: { limit: 500 } };

/** Parts of one page that ask at the same time are answered together. */
let asked: Promise<Lists> | null = null;

function lists(): Promise<Lists> {
  asked ??= read().finally(() => {
    asked = null;
  });
  return asked;
}

async function read(): Promise<Lists> {
  const [skills, calendars, questionnaires, dispositions, agents, flows, profiles, touchpoints, roles, accounts] = await Promise.all([
    api.get("/api/v1/skills", PAGE),
    api.get("/api/v1/calendars", PAGE),
    api.get("/api/v1/questionnaires", PAGE),
    api.get("/api/v1/dispositions", PAGE),
    api.get("/api/v1/agents", PAGE),
    api.get("/api/v1/flows", PAGE),
    api.get("/api/v1/profiles", PAGE),
    api.get("/api/v1/touchpoints", PAGE),
    // Kinds that a server may not have; it then has none of them.
    api.get("/api/v1/roles" as "/api/v1/profiles", PAGE),
    api.get("/api/v1/accounts" as "/api/v1/agents", PAGE),
  ]);
  return {
    skill: titled(skills, (one) => one.settings.title),
    calendar: titled(calendars, (one) => one.settings.title),
    questionnaire: titled(questionnaires, (one) => one.settings.title),
    disposition: titled(dispositions, (one) => one.settings.title),
    agent: titled(agents, (one) => one.settings.name),
    flow: titled(flows, (one) => one.title as Words),
    profile: titled(profiles, (one) => one.settings.title),
    touchpoint: titled(touchpoints, (one) => one.settings.title),
    role: titled(roles, (one) => one.settings.title),
    account: titled(accounts, (one) => one.settings.name),
  };
}

function titled<T extends { readonly id: string }>(page: Result<{ items: T[] }>, title: (one: T) => Words | string | undefined): readonly Line[] {
  return page.ok ? page.value.items.map((one) => ({ id: one.id, title: title(one) ?? "" })) : [];
}

export function useReferences(): References {
  const { language } = useWords();
  const [known, setKnown] = useState<Lists>({});
  useEffect(() => {
    let isShown = true;
    void lists().then((found) => isShown && setKnown(found));
    return () => {
      isShown = false;
    };
  }, []);
  const always = { id: "@always", title: { en: "Day and night", fr: "Jour et nuit" } };
  const lines = (kind: string) => (kind === "hours" ? [always, ...(known["calendar"] ?? [])] : kind === "channel" ? CHANNEL_LINES : (known[kind] ?? []));
  return {
    names: (kind) => lines(kind).map((line) => ({ id: line.id, title: titleIn(line, language) })),
    title: (kind, id) => {
      const line = lines(kind).find((one) => one.id === id);
      return line === undefined ? id : titleIn(line, language);
    },
  };
}

function titleIn({ id, title }: Line, language: Language): string {
  const words = typeof title === "string" ? title : spoken(title, language);
  return words === "" ? valueTitle(id, language) : words;
}

