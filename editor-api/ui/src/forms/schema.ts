// Reading JSON Schema: which control suits a setting, what it is called, and what it holds to begin with. Only the part
// of the language that the server uses for its own settings.
import type { Language } from "../i18n";
import type { Json, JsonObject, JsonSchema, Slot } from "../flows/model/types";

export type Definitions = { readonly [name: string]: JsonSchema };

/** A schema as a form wants it: references followed, and "or nothing" taken off. */
export function plain(schema: JsonSchema, definitions: Definitions): JsonSchema {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    const { $ref: _, ...own } = schema;
    return plain({ ...(definitions[name] ?? {}), ...own }, definitions);
  }
  const choices = schema.anyOf?.filter((choice) => choice.type !== "null");
  if (schema.anyOf !== undefined && choices?.length === 1 && choices[0] !== undefined) {
    const { anyOf: _, ...own } = schema;
    return plain({ ...choices[0], ...own }, definitions);
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== "null");
    if (types.length === 1 && types[0] !== undefined) return { ...schema, type: types[0] };
  }
  return schema;
}

/** What a control is made for. */
export type Control =
  | { readonly is: "slot"; readonly slot: Slot }
  | { readonly is: "words" | "duration" | "text" | "boolean" | "json" }
  | { readonly is: "number"; readonly whole: boolean }
  | { readonly is: "choice"; readonly options: readonly Json[] }
  | { readonly is: "list"; readonly items: JsonSchema }
  | { readonly is: "set"; readonly options: readonly Json[] }
  | { readonly is: "map"; readonly values: JsonSchema; readonly keys: JsonSchema }
  | { readonly is: "object"; readonly properties: readonly Property[] }
  | { readonly is: "variant"; readonly tag: string; readonly variants: readonly Variant[] }
  | { readonly is: "keyed"; readonly variants: readonly Variant[] };

export type Property = { readonly name: string; readonly schema: JsonSchema; readonly isRequired: boolean };
export type Variant = { readonly name: string; readonly schema: JsonSchema };

export function controlOf(given: JsonSchema, definitions: Definitions): Control {
  const schema = plain(given, definitions);
  const slot = schema["x-slot"];
  if (slot !== undefined) return { is: "slot", slot };
  if (isWords(given)) return { is: "words" };
  if (schema.enum !== undefined) return { is: "choice", options: schema.enum.filter((option) => option !== null) };
  const constants = schema.oneOf?.map((one) => one.const);
  if (constants?.every((one) => one !== undefined)) return { is: "choice", options: constants as Json[] };
  const variants = schema.oneOf && (variantsOf(schema.oneOf, definitions) ?? keyedOf(schema.oneOf, definitions));
  if (variants) return variants;
  switch (schema.type) {
    case "boolean":
      return { is: "boolean" };
    case "integer":
    case "number":
      return { is: "number", whole: schema.type === "integer" };
    case "string":
      return isDuration(schema) ? { is: "duration" } : { is: "text" };
    case "array":
      return listOf(schema, definitions);
    case "object":
      return objectOf(schema);
    default:
      return { is: "json" };
  }
}

/** A set of known values is ticked; anything else is a list. */
function listOf(schema: JsonSchema, definitions: Definitions): Control {
  const items = schema.items ?? {};
  const control = schema.uniqueItems === true ? controlOf(items, definitions) : null;
  return control?.is === "choice" ? { is: "set", options: control.options } : { is: "list", items };
}

function objectOf(schema: JsonSchema): Control {
  const required = new Set(schema.required);
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length > 0) {
    return { is: "object", properties: properties.map(([name, own]) => ({ name, schema: own, isRequired: required.has(name) })) };
  }
  // Maps with named keys come as one pattern, others as whatever is not a property.
  const values = Object.values(schema.patternProperties ?? {})[0] ?? schema.additionalProperties;
  return typeof values === "object" ? { is: "map", values, keys: schema.propertyNames ?? {} } : { is: "json" };
}

/** Objects told apart by one constant member. */
function variantsOf(choices: readonly JsonSchema[], definitions: Definitions): Control | null {
  const schemas = choices.map((choice) => plain(choice, definitions));
  const tag = Object.entries(schemas[0]?.properties ?? {}).find(([, own]) => own.const !== undefined)?.[0];
  if (tag === undefined) return null;
  const variants = schemas.map((schema) => ({ name: String(schema.properties?.[tag]?.const ?? ""), schema }));
  return variants.every((variant) => variant.name !== "") ? { is: "variant", tag, variants } : null;
}

/** Objects told apart by the name of their only member. */
function keyedOf(choices: readonly JsonSchema[], definitions: Definitions): Control | null {
  const members = choices.map((choice) => Object.entries(plain(choice, definitions).properties ?? {}));
  if (members.length === 0 || members.some((own) => own.length !== 1)) return null;
  return { is: "keyed", variants: members.flatMap((own) => own.map(([name, schema]) => ({ name, schema }))) };
}

function isWords(schema: JsonSchema): boolean {
  return /\/(Localised|Words)$/.test(schema.$ref ?? "");
}

/** Durations are the strings with the pattern of `10m`, `1h30m`. */
function isDuration(schema: JsonSchema): boolean {
  return schema.pattern?.includes("[0-9]+h)") ?? false;
}

/** What a setting is called when nothing names it: its own name, as words. */
export function titleOf(name: string): string {
  const words = name.replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function helpOf(schema: JsonSchema, language: Language): string {
  // No help is better than help in a language that the reader did not choose.
  const text = (language === "fr" ? schema["x-fr"] : schema.description) ?? "";
  // Requirement ids in brackets are for those who build the product.
  return text.replace(/\s*\([A-Z]{1,3}[A-Z0-9]*-\d+[^)]*\)/g, "").replace(/`/g, "").trim();
}

/** The least that a required setting may hold, to begin with. */
export function blankOf(given: JsonSchema, definitions: Definitions): Json {
  const schema = plain(given, definitions);
  if (schema.default !== undefined) return schema.default;
  const control = controlOf(given, definitions);
  switch (control.is) {
    case "slot":
      return control.slot.slot === "text" ? {} : "";
    case "words":
    case "map":
    case "json":
      return {};
    case "text":
    case "duration":
      return "";
    case "boolean":
      return false;
    case "number":
      return schema.minimum ?? 0;
    case "choice":
      return control.options[0] ?? null;
    case "set":
      return [];
    case "list":
      return (schema.minItems ?? 0) > 0 ? [blankOf(control.items, definitions)] : [];
    case "variant":
      return blankVariant(control.tag, control.variants[0], definitions);
    case "keyed": {
      const first = control.variants[0];
      return first === undefined ? {} : { [first.name]: blankOf(first.schema, definitions) };
    }
    case "object":
      return blankObject(control.properties, definitions);
  }
}

function blankObject(properties: readonly Property[], definitions: Definitions): JsonObject {
  const required = properties.filter((property) => property.isRequired);
  return Object.fromEntries(required.map(({ name, schema }) => [name, schema.const ?? blankOf(schema, definitions)]));
}

export function blankVariant(tag: string, variant: Variant | undefined, definitions: Definitions): JsonObject {
  if (variant === undefined) return {};
  const control = objectOf(variant.schema);
  const own = control.is === "object" ? blankObject(control.properties, definitions) : {};
  return { ...own, [tag]: variant.name };
}
