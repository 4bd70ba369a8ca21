// The flow document and the node types, as the editor sees them.
import type { Schemas } from "../../api/client";
import type { Words } from "../../i18n";

export type FlowDocument = Schemas["FlowDocument"];
export type NodeDocument = Schemas["NodeDocument"];
export type Target = Schemas["Target"];
export type Finding = Schemas["Finding"];
export type Scenario = Schemas["Scenario"];
export type ScenarioStep = Schemas["ScenarioStep"];
export type Channel = Schemas["Channel"];
export const CHANNELS: readonly Channel[] = ["whatsapp", "webchat", "sms", "email", "voice", "voicemail", "work_item"];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export type Category = "talk" | "decide" | "route" | "time" | "call_out" | "structure" | "finish";
export const CATEGORIES: readonly Category[] = ["talk", "decide", "route", "time", "call_out", "structure", "finish"];

/** One way out of a node type. */
export type ExitSpec = {
  readonly name: string;
  readonly role: "normal" | "timeout" | "error" | "repeat";
  readonly docs: Words;
  readonly only_if?: string;
};

/** A node type, as the server describes it. */
export type Descriptor = {
  readonly kind: string;
  readonly title: Words;
  readonly docs: Words;
  readonly category: Category;
  readonly icon: string;
  readonly flavour: "instant" | "waiting" | "terminal";
  readonly exits: { readonly fixed: readonly ExitSpec[]; readonly from_config: string | null };
  readonly config: JsonSchema;
  readonly channels: readonly Channel[];
  readonly examples: readonly { readonly title: Words; readonly config: JsonObject; readonly valid: boolean }[];
  readonly since: string;
  readonly stability: "stable" | "preview";
};

/** What a marked string of a configuration holds. */
export type Slot =
  | { readonly slot: "expression"; readonly returns: "boolean" | "integer" | "number" | "string" | "any" }
  | { readonly slot: "script" | "template" | "text" | "attribute" }
  | { readonly slot: "reference"; readonly to: string };

/** The part of JSON Schema that our settings use. */
export type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly "x-fr"?: string;
  readonly "x-slot"?: Slot;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly patternProperties?: { readonly [pattern: string]: JsonSchema };
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly default?: Json;
  readonly examples?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly uniqueItems?: boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly $ref?: string;
};

export type Point = { readonly x: number; readonly y: number };
