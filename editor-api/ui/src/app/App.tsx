// The whole Studio: the gate, the frame, and the view that the path names. Heavy views come when they are first opened.
import { Suspense, lazy, useEffect } from "react";
import { useWords } from "../i18n";
import { Asker } from "../ui/ask";
import { Toasts } from "../ui/toasts";
import { SessionGate, powers, useSession } from "./session";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { navigate, usePath } from "./router";

const FlowList = lazy(() => import("../flows/FlowList"));
const Editor = lazy(() => import("../flows/Editor"));
const Desk = lazy(() => import("../desk/DeskPage"));
const Floor = lazy(() => import("../supervise/FloorPage"));
const Interactions = lazy(() => import("../supervise/InteractionsPage"));
const Settings = lazy(() => import("../settings/SettingsPage"));

export function App() {
  return (
    <>
      <SessionGate signIn={(enter) => <SignIn enter={enter} />}>
        <Views />
      </SessionGate>
      <Asker />
      <Toasts />
    </>
  );
}

function Views() {
  const path = usePath();
  const { session } = useSession();
  const home = homeOf(session);
  useEffect(() => {
    if (path.length === 0) navigate(home, "replace");
  }, [path.length, home]);
  return (
    <Shell>
      <Suspense fallback={null}>
        <View path={path} />
      </Suspense>
    </Shell>
  );
}

function View({ path }: { path: readonly string[] }) {
  const { t } = useWords();
  const [area, id] = path;
  switch (area) {
    case undefined:
      return null;
    case "flows":
      return id === undefined ? <FlowList /> : <Editor key={id} id={id} />;
    case "desk":
      return <Desk agent={id} />;
    case "floor":
      return <Floor />;
    case "interactions":
      return <Interactions id={id} />;
    case "settings":
      return <Settings kind={id ?? "touchpoints"} id={path[2]} />;
    default:
      return (
        <div className="empty">
          <h1>{t("nowhere.title")}</h1>
          <p>{t("nowhere.text")}</p>
        </div>
      );
  }
}

function homeOf(session: ReturnType<typeof useSession>["session"]): string {
  const may = powers(session);
  if (session.role === "agent") return "/desk";
  if (session.role === "supervisor") return "/floor";
  return may.flows ? "/flows" : "/desk";
}
