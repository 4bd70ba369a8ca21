// The node types of this server, read once per session.
import { useEffect, useState } from "react";
import { api, type Problem } from "../api/client";
import type { Descriptor } from "./model/types";

export type Kinds = ReadonlyMap<string, Descriptor>;

let asked: Promise<Kinds | Problem> | null = null;

async function read(): Promise<Kinds | Problem> {
  const answer = await api.get("/api/v1/node-kinds");
  if (!answer.ok) {
    asked = null;
    return answer.problem;
  }
  // The OpenAPI document leaves descriptors open; their shape is the one of the server's `Descriptor`.
  const items = answer.value.items as readonly Descriptor[];
  return new Map(items.map((descriptor) => [descriptor.kind, descriptor]));
}

export function useKinds(): Kinds | undefined {
  const [kinds, setKinds] = useState<Kinds>();
  useEffect(() => {
    asked ??= read();
    void asked.then((answer) => answer instanceof Map && setKinds(answer));
  }, []);
  return kinds;
}
