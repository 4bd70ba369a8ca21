// What a form of a schema would show under the server's own name, because nobody gave it one in both languages. Forms
// work without; the tests hold everything that is shipped to it.
import type { JsonSchema } from "../flows/model/types";
import type { Definitions } from "./schema";
import { isNamed, settingTitle } from "./titles";

/** Settings, and values of settings as `name = value`, in the order in which they are met. */
export function unnamedIn(schema: JsonSchema, definitions: Definitions): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<JsonSchema>();
  const look = (part: JsonSchema | undefined, name: string): void => {
    if (part === undefined || seen.has(part)) return;
    seen.add(part);
    const choices = [...(part.enum ?? []), ...(part.oneOf ?? []).map((one) => one.const)];
    for (const choice of choices) {
      if (typeof choice === "string" && name !== "" && !isNamed(choice)) found.add(`${name} = ${choice}`);
    }
    for (const [own, inner] of Object.entries(part.properties ?? {})) {
      if (settingTitle(own, "fr") === undefined) found.add(own);
      if (typeof inner.const === "string" && !isNamed(inner.const)) found.add(`${own} = ${inner.const}`);
      look(inner, own);
    }
    for (const inner of [...Object.values(part.patternProperties ?? {}), part.items, part.propertyNames, ...(part.anyOf ?? []), ...(part.oneOf ?? [])]) look(inner, name);
    if (typeof part.additionalProperties === "object") look(part.additionalProperties, name);
    if (part.$ref !== undefined && !part.$ref.endsWith("/Localised")) look(definitions[part.$ref.split("/").at(-1) ?? ""], name);
  };
  look(schema, "");
  return [...found];
}

/** Settings that are explained in English and not in French, with where they are: help is in both languages or in none. */
export function unexplainedIn(schema: JsonSchema, definitions: Definitions): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<JsonSchema>();
  const look = (part: JsonSchema | undefined, path: string): void => {
    if (part === undefined || seen.has(part)) return;
    seen.add(part);
    for (const [name, inner] of Object.entries(part.properties ?? {})) {
      const own = `${path}/${name}`;
      if (inner.const === undefined && inner.description !== undefined && inner["x-fr"] === undefined) found.add(own);
      look(inner, own);
    }
    for (const inner of [...Object.values(part.patternProperties ?? {}), part.items, ...(part.anyOf ?? []), ...(part.oneOf ?? [])]) look(inner, path);
    if (typeof part.additionalProperties === "object") look(part.additionalProperties, path);
    if (part.$ref !== undefined && !part.$ref.endsWith("/Localised")) look(definitions[part.$ref.split("/").at(-1) ?? ""], path);
  };
  look(schema, "");
  return [...found];
}
