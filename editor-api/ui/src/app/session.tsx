// Who is signed in. The cookie itself is out of reach of every script; this only knows what the server says of it.
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from "react";
import { api, onSignedOut, type Problem, type Schemas } from "../api/client";

export type Session = Schemas["SessionView"];

type SessionState = {
  readonly session: Session;
  readonly signOut: () => Promise<void>;
};

const Context = createContext<SessionState | null>(null);

export function useSession(): SessionState {
  const state = useContext(Context);
  if (state === null) throw new Error("a page that needs a session was shown without one");
  return state;
}

type Gate = { readonly children: ReactNode; readonly signIn: (enter: (key: string) => Promise<Problem | null>) => ReactNode };

/** Shows the pages to those who are signed in, and the sign-in page to others. */
export function SessionGate({ children, signIn }: Gate) {
  const [session, setSession] = useState<Session | null | "asking">("asking");
  useEffect(() => {
    onSignedOut(() => setSession(null));
    void api.get("/api/v1/session").then((result) => setSession(result.ok ? result.value : null));
  }, []);
  const enter = useCallback(async (key: string) => {
    const result = await api.post("/api/v1/session", { body: { key } });
    if (!result.ok) return result.problem;
    setSession(result.value);
    return null;
  }, []);
  const signOut = useCallback(async () => {
    await api.delete("/api/v1/session");
    setSession(null);
  }, []);
  if (session === "asking") return null;
  if (session === null) return signIn(enter);
  return <Context.Provider value={{ session, signOut }}>{children}</Context.Provider>;
}

/** What this role may look at and change. */
export function powers(session: Session): Record<"flows" | "author" | "settings" | "supervise" | "desk", boolean> {
  const role = session.role;
  const administrator = role === "administrator";
  return {
    flows: administrator || role === "author" || role === "supervisor",
    author: administrator || role === "author",
    settings: administrator,
    supervise: administrator || role === "supervisor",
    desk: role === "agent" || administrator,
  };
}
