// One agent's desk as it stands on the server, read again whenever his socket says that something happened.
import { useCallback, useEffect, useRef, useState } from "react";
import { api, type Schemas } from "../api/client";
import { preferredLanguage } from "../app/preferences";
import { translate } from "../i18n";
import { complain, tell } from "../ui/toasts";
import { DeskSocket, type Action } from "./socket";

export type Desk = Schemas["Desk"];
export type Slot = Schemas["Slot"];
export type Fact = Schemas["FactView"] & Record<string, unknown>;

/** Facts that also change what the server's lists hold, for those who wait for them. */
export type DeskState = {
  readonly desk: Desk | null;
  readonly isConnected: boolean;
  /** Rises whenever something happened to an interaction. */
  readonly versions: ReadonlyMap<string, number>;
  /** When the contact of an interaction was last known to be writing. */
  readonly writing: ReadonlyMap<string, number>;
  readonly act: (action: Action) => Promise<boolean>;
  readonly hint: (interaction: string) => void;
  /** Reads the desk again, after something was done beside the socket. */
  readonly refresh: () => Promise<void>;
};

export function useDesk(agent: string): DeskState {
  const [desk, setDesk] = useState<Desk | null>(null);
  const [isConnected, setConnected] = useState(false);
  const [versions, setVersions] = useState<ReadonlyMap<string, number>>(new Map());
  const [writing, setWriting] = useState<ReadonlyMap<string, number>>(new Map());
  const socket = useRef<DeskSocket | null>(null);

  useEffect(() => {
    const reload = () =>
      void api.get("/api/v1/agents/{id}/desk", { path: { id: agent } }).then((result) => (result.ok ? setDesk(result.value) : complain(result.problem)));
    const opened = new DeskSocket(
      agent,
      ({ interaction, event }) => {
        if (event === "contact_writes") return setWriting((before) => new Map([...before, [interaction ?? "", Date.now()]]));
        if (event === "contact_wrote") setWriting((before) => new Map([...before].filter(([id]) => id !== interaction)));
        reload();
        // A fresh desk may mean that news of any interaction was missed.
        setVersions((before) => new Map([...before, ...(event === "desk" ? [...before].map(([id, n]) => [id, n + 1] as const) : []), ...(interaction === undefined ? [] : [[interaction, (before.get(interaction) ?? 0) + 1] as const])]));
      },
      setConnected,
    );
    socket.current = opened;
    // The desk is there to be read before its socket is, and where no socket comes through.
    reload();
    return () => {
      opened.close();
      socket.current = null;
    };
  }, [agent]);

  const refresh = useCallback(async () => {
    const fresh = await api.get("/api/v1/agents/{id}/desk", { path: { id: agent } });
    if (fresh.ok) setDesk(fresh.value);
  }, [agent]);
  const act = useCallback(
    async (action: Action) => {
      const problem = (await socket.current?.act(action)) ?? null;
      // That nobody waits is an answer, not a failure.
      if (problem?.code === "nothing-to-pull") tell(translate(preferredLanguage(), "desk.pull.none"));
      else if (problem !== null) complain(problem);
      await refresh();
      if ("interaction" in action) setVersions((before) => new Map([...before, [action.interaction, (before.get(action.interaction) ?? 0) + 1]]));
      return problem === null;
    },
    [refresh],
  );
  const hint = useCallback((interaction: string) => socket.current?.hint(interaction), []);
  return { desk, isConnected, versions, writing, act, hint, refresh };
}
