// Who is where: the live interactions of this flow, counted by node. Only for those who may watch.
import { useMemo } from "react";
import { api } from "../api/client";
import { useEvery, useLoad } from "../api/useLoad";

const EVERY_MS = 5000;
const STATES = ["in_flow", "waiting", "offered", "active", "wrap_up"] as const;

export function useOccupancy(flow: string, isWatched: boolean): ReadonlyMap<string, number> {
  const loaded = useLoad(() => (isWatched ? read() : Promise.resolve(NOBODY)), `${flow} ${isWatched}`);
  const { reload, value } = loaded;
  useEvery(EVERY_MS, reload);
  return useMemo(() => {
    const counts = new Map<string, number>();
    for (const { at } of value ?? []) {
      for (const place of at.filter((one) => one.flow.startsWith(`${flow}@`))) counts.set(place.node, (counts.get(place.node) ?? 0) + 1);
    }
    return counts;
  }, [value, flow]);
}

const NOBODY = { ok: true as const, etag: null, value: [] };

async function read() {
  const pages = await Promise.all(STATES.map((state) => api.get("/api/v1/interactions", { query: { state, limit: 500 } })));
  return { ok: true as const, etag: null, value: pages.flatMap((page) => (page.ok ? page.value.items : [])) };
}
