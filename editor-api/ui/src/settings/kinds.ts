// The kinds of the catalogue: where each is on the server, which schema its settings have, and what its settings name.
import { CHANNELS } from "../flows/model/types";
import type { Definitions } from "../forms/schema";
import type { MessageKey } from "../i18n";

export type CatalogueKind = {
  /** Below `/api/v1/`. */
  readonly path: string;
  readonly schema: string;
  readonly label: MessageKey;
  readonly one: MessageKey;
  /** Settings that hold the name of something else, by setting. */
  readonly named: { readonly [setting: string]: string };
  /** The ids there can be, where they are not free. */
  readonly ids?: readonly string[];
};

export const CATALOGUE: readonly CatalogueKind[] = [
  { path: "touchpoints", schema: "TouchpointSettings", label: "settings.touchpoints", one: "settings.touchpoint", named: { default_skill: "skill", default_flow: "flow", flow_alias: "alias", calendar: "hours", alert: "agent", account: "account" } },
  { path: "accounts", schema: "AccountSettings", label: "settings.accounts", one: "settings.account", named: {} },
  { path: "skills", schema: "SkillSettings", label: "settings.skills", one: "settings.skill", named: { escalates_to: "skill", calendar: "hours", part_of: "skill" } },
  { path: "routing-queues", schema: "RoutingQueueSettings", label: "settings.queues", one: "settings.queue", named: { skill: "skill", touchpoints: "touchpoint" } },
  { path: "agents", schema: "AgentSettings", label: "settings.agents", one: "settings.agent", named: { skills: "skill", profile: "profile", role: "role", calendar: "hours", channel_max: "channel" } },
  { path: "roles", schema: "RoleSettings", label: "settings.roles", one: "settings.role", named: { skills: "skill", touchpoints: "touchpoint" } },
  { path: "profiles", schema: "ProfileSettings", label: "settings.profiles", one: "settings.profile", named: { channel_max: "channel", units: "channel", excludes: "channel", questionnaire: "questionnaire", contact_questionnaire: "questionnaire" } },
  { path: "defaults", schema: "DefaultsSettings", label: "settings.defaults", one: "settings.default", named: { calendar: "hours", shift: "hours" }, ids: ["general", ...CHANNELS] },
  { path: "calendars", schema: "CalendarSettings", label: "settings.calendars", one: "settings.calendar", named: {} },
  { path: "dispositions", schema: "DispositionSettings", label: "settings.dispositions", one: "settings.disposition", named: {} },
  { path: "questionnaires", schema: "QuestionnaireSettings", label: "settings.questionnaires", one: "settings.questionnaire", named: {} },
  { path: "canned-answers", schema: "CannedAnswerSettings", label: "settings.cannedanswers", one: "settings.cannedanswer", named: { channels: "channel", skills: "skill" } },
  { path: "tables", schema: "TableSettings", label: "settings.tables", one: "settings.table", named: {} },
  { path: "secrets", schema: "SecretSettings", label: "settings.secrets", one: "settings.secret", named: {} },
  { path: "node-types", schema: "NodeTypeSettings", label: "settings.nodetypes", one: "settings.nodetype", named: {} },
];

/** The kinds that this server has. */
export function kindsOf(definitions: Definitions): readonly CatalogueKind[] {
  return CATALOGUE.filter((kind) => kind.schema in definitions);
}

/** Where a kind is kept. All kinds are read and written alike, so the types of one stand for all. */
export function pathOf(kind: CatalogueKind): "/api/v1/skills" {
  return `/api/v1/${kind.path}` as "/api/v1/skills";
}
