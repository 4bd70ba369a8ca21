// What becomes of interactions in flight when another version goes live: they finish on theirs, they get a time to finish,
// or they move over. Live counts say how many each choice concerns.
import type { Problem, Schemas } from "../api/client";
import { useWords } from "../i18n";
import { Field } from "../ui/Field";
import { sentence } from "../ui/Notice";
import type { FlowDocument } from "./model/types";
import type { Occupancy } from "./useOccupancy";

export type Fate = Schemas["FateBody"];

export const PIN: Fate = { fate: "pin" };

type FateProps = { readonly fate: Fate; readonly choose: (fate: Fate) => void; readonly occupancy: Occupancy | undefined; readonly next: FlowDocument; readonly problem: Problem | null };

export function FateChoice({ fate, choose, occupancy, next, problem }: FateProps) {
  const { t } = useWords();
  const versions = (occupancy?.versions ?? []).filter((version) => version.waiting + version.calling > 0);
  const all = versions.reduce((sum, version) => sum + version.waiting + version.calling, 0);
  const begin: { readonly [is in Fate["fate"]]: Fate } = { pin: PIN, drain: { fate: "drain", within: "2h" }, migrate: { fate: "migrate", nodes: {}, attributes: {} } };
  return (
    <fieldset className="fate">
      <legend>{t("fate.title")}</legend>
      <p className="muted" role="status">
        {all === 0 ? t("fate.nobody") : `${t("fate.inflight", { n: all })} ${versions.map((version) => t("fate.version", { v: version.version, n: version.waiting + version.calling })).join(", ")}.`}
      </p>
      {(["pin", "drain", "migrate"] as const).map((one) => (
        <label key={one} className="check">
          <input type="radio" name="fate" checked={fate.fate === one} onChange={() => choose(begin[one])} />
          <span>
            {t(`fate.${one}`)}
            <small className="muted">{t(`fate.${one}.help`)}</small>
          </span>
        </label>
      ))}
      {fate.fate === "drain" && (
        <Field label={t("fate.within")}>{(ids) => <input id={ids.control} className="input short code" required value={fate.within} onChange={(event) => choose({ ...fate, within: event.target.value })} />}</Field>
      )}
      {fate.fate === "migrate" && <NodeMap fate={fate} choose={choose} versions={versions} next={next} />}
      {problem !== null && <Refused problem={problem} />}
    </fieldset>
  );
}

type Migration = Extract<Fate, { fate: "migrate" }>;

/** Where those go whose node is no more. */
function NodeMap({ fate, choose, versions, next }: { fate: Migration; choose: (fate: Fate) => void; versions: Occupancy["versions"]; next: FlowDocument }) {
  const { t } = useWords();
  const gone = new Map<string, number>();
  for (const { node, waiting, calling } of versions.flatMap((version) => version.nodes)) {
    if (waiting + calling > 0 && next.nodes[node] === undefined) gone.set(node, (gone.get(node) ?? 0) + waiting + calling);
  }
  if (gone.size === 0) return <p className="muted">{t("fate.nodes.same")}</p>;
  return (
    <>
      {[...gone].map(([node, count]) => (
        <Field key={node} label={t("fate.node", { name: node, n: count })}>
          {(ids) => (
            <select
              id={ids.control}
              className="input"
              value={fate.nodes?.[node] ?? ""}
              onChange={(event) => {
                const { [node]: _, ...rest } = fate.nodes ?? {};
                choose({ ...fate, nodes: event.target.value === "" ? rest : { ...rest, [node]: event.target.value } });
              }}
            >
              <option value="">{t("form.none")}</option>
              {Object.keys(next.nodes).map((id) => (
                <option key={id}>{id}</option>
              ))}
            </select>
          )}
        </Field>
      ))}
    </>
  );
}

type Standing = { readonly version: number; readonly count?: number; readonly node?: string; readonly attribute?: string; readonly message: { readonly en: string; readonly fr: string } };

/** Why a migration cannot be, node by node, with how many stand there. */
function Refused({ problem }: { problem: Problem }) {
  const { t, language } = useWords();
  const reasons = [...((problem["waits"] ?? []) as readonly Standing[]), ...((problem["attributes"] ?? []) as readonly Standing[])];
  if (reasons.length === 0) return null;
  return (
    <ul className="refused">
      {reasons.map((one) => (
        <li key={`${one.version} ${one.node ?? one.attribute ?? ""}`}>
          <code>{one.node ?? one.attribute}</code> {t("fate.version", { v: one.version, n: one.count ?? 0 })} — {sentence(one.message[language])}
        </li>
      ))}
    </ul>
  );
}
