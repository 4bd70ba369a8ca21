// The schemas of all settings, from the server's own OpenAPI document.
import { useEffect, useState } from "react";
import type { Definitions } from "../forms/schema";

let asked: Promise<Definitions> | null = null;

async function read(): Promise<Definitions> {
  const response = await fetch("/api/openapi.json");
  const document = (await response.json()) as { readonly components: { readonly schemas: Definitions } };
  return document.components.schemas;
}

export function useDefinitions(): Definitions | undefined {
  const [definitions, setDefinitions] = useState<Definitions>();
  useEffect(() => {
    asked ??= read();
    void asked.then(setDefinitions);
  }, []);
  return definitions;
}
