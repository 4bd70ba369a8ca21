// Who is where: live interactions of this flow by version and node, and how often each node and exit was gone through.
// The server counts; here it is read again every few seconds.
import { useMemo } from "react";
import { api, type Schemas } from "../api/client";
import { useEvery, useLoad, useSteady } from "../api/useLoad";
import { NO_OVERLAY, placeOf, type Overlay } from "./canvas/overlay";
import type { Crowds } from "./canvas/graph";

export type Occupancy = Schemas["Occupancy"];

const EVERY_MS = 5000;

export function useOccupancy(flow: string): Occupancy | undefined {
  const { value, reload } = useLoad(() => api.get("/api/v1/flows/{id}/occupancy", { path: { id: flow } }), flow);
  useEvery(EVERY_MS, reload);
  return useSteady(value);
}

/** Live interactions by node, over all versions: those that wait there, and those in a flow that was called from there. */
export function useCrowds(occupancy: Occupancy | undefined): Crowds {
  return useMemo(() => summed(occupancy, (node) => [[node.node, node.waiting + node.calling]]), [occupancy]);
}

/** How often each node was entered and each exit taken, over all versions. */
export function useTraffic(occupancy: Occupancy | undefined): Overlay {
  return useMemo(() => {
    const counts = summed(occupancy, (node) => [[node.node, node.entries], ...node.exits.map(({ exit, count }): [string, number] => [placeOf(node.node, exit), count])]);
    return { ...NO_OVERLAY, counts };
  }, [occupancy]);
}

type NodeCount = Occupancy["versions"][number]["nodes"][number];

function summed(occupancy: Occupancy | undefined, of: (node: NodeCount) => readonly [string, number][]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [place, count] of (occupancy?.versions ?? []).flatMap((version) => version.nodes.flatMap(of))) sums.set(place, (sums.get(place) ?? 0) + count);
  return sums;
}
