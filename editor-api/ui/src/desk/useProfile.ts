// What an agent's handling profile lets him do at his desk, his own limits in it.
import { api, type Schemas } from "../api/client";
import { useLoad } from "../api/useLoad";

export type Profile = Schemas["ProfileSettings"];

export function useProfile(agent: string): Profile | undefined {
  return useLoad(() => api.get("/api/v1/agents/{id}/profile", { path: { id: agent } }), agent).value;
}
