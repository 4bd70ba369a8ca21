// What of a flow is in service: the live version, the one that a share of the contacts meets, versions by their names, and
// those that are being left. Each with the way to change it.
import { Plus, Tag, Trash2, Undo2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { api, type Problem, type Schemas } from "../api/client";
import { useEvery, useLoad, useSteady } from "../api/useLoad";
import { useReferences } from "../forms/references";
import { localeOf, useWords } from "../i18n";
import { askWhether } from "../ui/ask";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { complain, tell } from "../ui/toasts";
import { PIN } from "./Fate";
import { guardOf, FIRST_GUARD, type GuardTyped } from "./guard";

type ServiceProps = { readonly id: string; readonly versions: readonly number[]; readonly count: number; readonly isReadOnly: boolean; readonly changed: () => void; readonly withdraw: () => void };

const EVERY_MS = 5000;

export function Service({ id, versions, count, isReadOnly, changed, withdraw }: ServiceProps) {
  const { t, language } = useWords();
  const { value, reload } = useLoad(() => api.get("/api/v1/flows/{id}/release", { path: { id } }), `${id} release ${count}`);
  useEvery(EVERY_MS, reload);
  const release = useSteady(value);
  const [isNaming, setNaming] = useState(false);
  if (release === undefined) return null;
  const { live, rollout, aliases, fates } = release;
  const end = async () => {
    if (!(await askWhether(t("rollout.end.sure"), t("rollout.end")))) return;
    const result = await api.delete("/api/v1/flows/{id}/rollout", { path: { id } });
    if (!result.ok) return complain(result.problem);
    tell(t("rollout.ended"));
    changed();
  };
  const unname = async (alias: string) => {
    if (!(await askWhether(t("alias.remove.sure", { name: alias }), t("inspector.delete")))) return;
    const result = await api.delete("/api/v1/flows/{id}/aliases/{alias}", { path: { id, alias } });
    if (!result.ok) return complain(result.problem);
    changed();
  };
  return (
    <section className="service">
      <h2>{t("service.title")}</h2>
      <dl className="facts">
        <div>
          <dt>{t("versions.live")}</dt>
          <dd className="row">
            <span className="grow">{live == null ? t("service.none") : t("flows.version", { n: live })}</span>
            {live != null && !isReadOnly && (
              <button className="button quiet small" onClick={withdraw}>
                {t("service.withdraw")}
              </button>
            )}
          </dd>
        </div>
        {rollout != null && (
          <div>
            <dt>{t("rollout.title")}</dt>
            <dd className="row">
              <span className="grow">
                {t("rollout.state", { n: rollout.version, percent: rollout.percent })}
                {(rollout.touchpoints ?? []).length > 0 && <small className="muted"> {t("rollout.at", { names: (rollout.touchpoints ?? []).join(", ") })}</small>}
                {rollout.guard != null && <small className="muted"> {t("rollout.guarded", { window: rollout.guard.window ?? "15m" })}</small>}
              </span>
              {!isReadOnly && (
                <button className="button small" onClick={() => void end()}>
                  <Undo2 size={13} aria-hidden />
                  {t("rollout.end")}
                </button>
              )}
            </dd>
          </div>
        )}
        {fates.map((one) => (
          <div key={one.version}>
            <dt>{t("service.leaving", { n: one.version })}</dt>
            <dd>
              {one.until != null ? t("service.drains", { at: new Date(one.until).toLocaleString(localeOf(language)) }) : t("service.migrates", { n: one.to ?? 0 })} {t("service.left", { n: one.left })}
            </dd>
          </div>
        ))}
      </dl>
      <div className="row">
        <h3 className="grow">{t("alias.title")}</h3>
        {!isReadOnly && versions.length > 0 && (
          <button className="button quiet small" onClick={() => setNaming(true)}>
            <Plus size={13} aria-hidden />
            {t("form.add")}
          </button>
        )}
      </div>
      {Object.keys(aliases).length === 0 && <p className="muted">{t("alias.none")}</p>}
      <ul>
        {Object.entries(aliases).map(([alias, version]) => (
          <li key={alias} className="row">
            <Tag size={13} className="muted" aria-hidden />
            <code className="grow truncate">{alias}</code>
            <span className="muted">{t("flows.version", { n: version })}</span>
            {!isReadOnly && (
              <button className="button quiet small icon" aria-label={t("form.remove.named", { name: alias })} onClick={() => void unname(alias)}>
                <Trash2 size={13} aria-hidden />
              </button>
            )}
          </li>
        ))}
      </ul>
      {isNaming && (
        <Naming
          id={id}
          versions={versions}
          close={() => setNaming(false)}
          named={() => {
            setNaming(false);
            changed();
          }}
        />
      )}
    </section>
  );
}

type EndingProps = {
  readonly message: string;
  readonly setMessage: (message: string) => void;
  readonly problem: Problem | null;
  readonly close: () => void;
  /** What the button says that does it. */
  readonly does: string;
  readonly autoFocus?: boolean;
};

/** How each of these dialogs ends: why, what went wrong, and the two ways out. */
function Ending({ message, setMessage, problem, close, does, autoFocus = false }: EndingProps) {
  const { t } = useWords();
  return (
    <>
      <Field label={t("release.why")} help={t("publish.message.help")}>
        {(ids) => <input id={ids.control} aria-describedby={ids.help} className="input" autoFocus={autoFocus} value={message} onChange={(event) => setMessage(event.target.value)} />}
      </Field>
      {problem && <Notice tone="danger" problem={problem} />}
      <footer>
        <button type="button" className="button" onClick={close}>
          {t("cancel")}
        </button>
        <button className="button primary">{does}</button>
      </footer>
    </>
  );
}

type NamingProps = { readonly id: string; readonly versions: readonly number[]; readonly close: () => void; readonly named: () => void };

function Naming({ id, versions, close, named }: NamingProps) {
  const { t } = useWords();
  const [alias, setAlias] = useState("");
  const [version, setVersion] = useState(versions[0] ?? 1);
  const [message, setMessage] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const name = async (event: FormEvent) => {
    event.preventDefault();
    const result = await api.put("/api/v1/flows/{id}/aliases/{alias}", { path: { id, alias }, body: { version, message } });
    if (result.ok) return named();
    setProblem(result.problem);
  };
  return (
    <Dialog title={t("alias.add")} close={close}>
      <form className="stack" onSubmit={(event) => void name(event)}>
        <Field label={t("alias.name")} help={t("alias.name.help")}>
          {(ids) => <input id={ids.control} aria-describedby={ids.help} className="input code" required autoFocus pattern="[A-Za-z0-9][A-Za-z0-9_\-]{0,63}" value={alias} onChange={(event) => setAlias(event.target.value)} />}
        </Field>
        <Field label={t("alias.version")}>
          {(ids) => (
            <select id={ids.control} className="input" value={version} onChange={(event) => setVersion(Number(event.target.value))}>
              {versions.map((one) => (
                <option key={one} value={one}>
                  {t("flows.version", { n: one })}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Ending message={message} setMessage={setMessage} problem={problem} close={close} does={t("save")} />
      </form>
    </Dialog>
  );
}

type RollOutProps = { readonly id: string; readonly version: number; readonly close: () => void; readonly done: () => void };

/** A share of the contacts meets another version; a guard takes it back by itself. */
export function RollOut({ id, version, close, done }: RollOutProps) {
  const { t } = useWords();
  const touchpoints = useReferences().names("touchpoint");
  const [percent, setPercent] = useState(10);
  const [only, setOnly] = useState<readonly string[]>([]);
  const [isGuarded, setGuarded] = useState(true);
  const [guard, setGuard] = useState<GuardTyped>(FIRST_GUARD);
  const [message, setMessage] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const start = async (event: FormEvent) => {
    event.preventDefault();
    const body: Schemas["RolloutBody"] = { version, percent, message, touchpoints: [...only], guard: isGuarded ? guardOf(guard) : null };
    const result = await api.put("/api/v1/flows/{id}/rollout", { path: { id }, body });
    if (!result.ok) return setProblem(result.problem);
    tell(t("rollout.started", { n: version, percent }));
    done();
  };
  const bound = (name: "faults_max" | "last_resorts_max" | "unqualified_max") => (
    <Field label={t(`guard.${name}`)}>
      {(ids) => <input id={ids.control} className="input short" type="number" min={0} max={100} value={guard[name]} onChange={(event) => setGuard({ ...guard, [name]: event.target.value })} />}
    </Field>
  );
  return (
    <Dialog title={t("rollout.of", { n: version })} close={close}>
      <form className="stack" onSubmit={(event) => void start(event)}>
        <p className="muted">{t("rollout.lead")}</p>
        <Field label={t("rollout.percent")}>
          {(ids) => (
            <div className="row">
              <input id={ids.control} className="grow" type="range" min={0} max={100} value={percent} onChange={(event) => setPercent(Number(event.target.value))} />
              <output htmlFor={ids.control}>{percent} %</output>
            </div>
          )}
        </Field>
        <fieldset className="rollout-where">
          <legend>{t("rollout.touchpoints")}</legend>
          {touchpoints.map((one) => (
            <label key={one.id} className="check">
              <input type="checkbox" checked={only.includes(one.id)} onChange={(event) => setOnly(event.target.checked ? [...only, one.id] : only.filter((id) => id !== one.id))} />
              <span>{one.title}</span>
            </label>
          ))}
        </fieldset>
        <label className="check">
          <input type="checkbox" checked={isGuarded} onChange={(event) => setGuarded(event.target.checked)} />
          <span>
            {t("guard.title")}
            <small className="muted">{t("guard.help")}</small>
          </span>
        </label>
        {isGuarded && (
          <div className="guard">
            <Field label={t("guard.window")}>{(ids) => <input id={ids.control} className="input short code" required value={guard.window} onChange={(event) => setGuard({ ...guard, window: event.target.value })} />}</Field>
            <Field label={t("guard.started_min")}>{(ids) => <input id={ids.control} className="input short" type="number" min={1} required value={guard.started_min} onChange={(event) => setGuard({ ...guard, started_min: event.target.value })} />}</Field>
            {bound("faults_max")}
            {bound("last_resorts_max")}
            {bound("unqualified_max")}
          </div>
        )}
        <Ending message={message} setMessage={setMessage} problem={problem} close={close} does={t("rollout.start")} />
      </form>
    </Dialog>
  );
}

/** The flow goes out of service: nobody starts on it any more. */
export function Withdraw({ id, close, done }: { id: string; close: () => void; done: () => void }) {
  const { t } = useWords();
  const [message, setMessage] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const withdraw = async (event: FormEvent) => {
    event.preventDefault();
    const result = await api.post("/api/v1/flows/{id}/release", { path: { id }, body: { live: null, message, fate: PIN } });
    if (result.ok) return done();
    setProblem(result.problem);
  };
  return (
    <Dialog title={t("service.withdraw.title")} close={close}>
      <form className="stack" onSubmit={(event) => void withdraw(event)}>
        <p>{t("service.withdraw.text")}</p>
        <Ending message={message} setMessage={setMessage} problem={problem} close={close} does={t("service.withdraw")} autoFocus />
      </form>
    </Dialog>
  );
}
