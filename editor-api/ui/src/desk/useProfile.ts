// What an agent's handling profile lets him do at his desk.
import { api, type Schemas } from "../api/client";
import { useLoad } from "../api/useLoad";

export type Profile = Partial<Schemas["ProfileSettings"]>;

export function useProfile(agent: string): Profile | undefined {
  return useLoad(() => read(agent), agent).value;
}

async function read(agent: string) {
  const own = await api.get("/api/v1/agents/{id}", { path: { id: agent } });
  if (!own.ok) return own;
  const profiles = await api.get("/api/v1/profiles", { query: { limit: 500 } });
  if (!profiles.ok) return profiles;
  const all = profiles.value.items;
  const named = all.find((one) => one.id === own.value.settings.profile) ?? all.find((one) => one.settings.default === true);
  return { ok: true as const, etag: null, value: (named?.settings ?? {}) as Profile };
}
