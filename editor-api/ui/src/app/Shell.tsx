// The frame around every view: where one is, where one can go, who one is.
import { Activity, Headset, LogOut, MessagesSquare, Settings2, Workflow, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { api } from "../api/client";
import { useLoad } from "../api/useLoad";
import { useWords, type MessageKey } from "../i18n";
import { Boundary } from "../ui/Boundary";
import { PreferenceButtons } from "./PreferenceButtons";
import { Link, usePath } from "./router";
import { powers, useSession } from "./session";
import { Mark } from "./SignIn";
import "./shell.css";

type Place = { readonly to: string; readonly label: MessageKey; readonly icon: LucideIcon; readonly power: keyof ReturnType<typeof powers> };

const PLACES: readonly Place[] = [
  { to: "/flows", label: "nav.flows", icon: Workflow, power: "flows" },
  { to: "/desk", label: "nav.desk", icon: Headset, power: "desk" },
  { to: "/floor", label: "nav.floor", icon: Activity, power: "supervise" },
  { to: "/interactions", label: "nav.interactions", icon: MessagesSquare, power: "supervise" },
  { to: "/settings", label: "nav.settings", icon: Settings2, power: "settings" },
];

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const { session, signOut } = useSession();
  const [area] = usePath();
  const may = powers(session);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("nav.skip")}
      </a>
      <header className="bar">
        <Link to="/" className="brand" aria-label="Routewright">
          <Mark />
          <span>Routewright</span>
        </Link>
        <nav aria-label={t("nav.label")}>
          {PLACES.filter((place) => may[place.power]).map(({ to, label, icon: Icon }) => (
            <Link key={to} to={to} aria-current={to === `/${area}` ? "page" : undefined}>
              <Icon size={16} aria-hidden />
              <span>{t(label)}</span>
            </Link>
          ))}
        </nav>
        <div className="grow" />
        <PreferenceButtons />
        <div className="who" title={session.key}>
          <strong>{session.role === "agent" ? <AgentName id={session.agent} /> : t(`role.${session.role}`)}</strong>
          <span>{session.tenant}</span>
        </div>
        <button className="button quiet small icon" aria-label={t("nav.signout")} title={t("nav.signout")} onClick={() => void signOut()}>
          <LogOut size={15} aria-hidden />
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        <Boundary key={area}>{children}</Boundary>
      </main>
    </div>
  );
}

function AgentName({ id }: { id: string }) {
  const own = useLoad(() => api.get("/api/v1/agents/{id}", { path: { id } }), id).value;
  return own?.settings.name || id;
}
