// The exits that a node has: those of its type, those that its settings open, and those that they name. The server's
// `Descriptor` says how; this reads it the same way.
import type { Descriptor, ExitSpec, Json, NodeDocument } from "./types";

export type Exit = { readonly name: string; readonly role: ExitSpec["role"]; readonly docs: ExitSpec["docs"] };

/** The exits of a node, those that its settings name first, in the order that people read. */
export function exitsOf(node: NodeDocument, descriptor: Descriptor | undefined): readonly Exit[] {
  if (descriptor === undefined) return Object.keys(node.exits ?? {}).map(named);
  const config = (node.config ?? {}) as { readonly [key: string]: Json };
  const fromConfig = descriptor.exits.from_config === null ? [] : namesAt(config, descriptor.exits.from_config.split("/").slice(1));
  const fixed = descriptor.exits.fixed.filter((exit) => exit.only_if === undefined || config[exit.only_if.slice(1)] === true);
  const declared = [...fromConfig.map(named), ...fixed];
  const known = new Set(declared.map((exit) => exit.name));
  // A wired exit that no longer exists stays in sight, so that it can be unwired.
  const stray = Object.keys(node.exits ?? {}).filter((name) => !known.has(name));
  return distinct([...declared, ...stray.map(named)]);
}

function named(name: string): Exit {
  return { name, role: "normal", docs: {} };
}

function distinct(exits: readonly Exit[]): readonly Exit[] {
  return exits.filter((exit, at) => exits.findIndex((other) => other.name === exit.name) === at);
}

/** What a pointer finds; `*` stands for every element or key, and a final one takes the keys themselves. */
function namesAt(value: Json | undefined, path: readonly string[]): readonly string[] {
  const [step, ...rest] = path;
  if (value === undefined || value === null) return [];
  if (step === undefined) return typeof value === "string" && value !== "" ? [value] : [];
  if (step !== "*") return typeof value === "object" && !Array.isArray(value) ? namesAt((value as { [k: string]: Json })[step], rest) : [];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item) => namesAt(item, rest));
  if (typeof value !== "object") return [];
  return rest.length === 0 ? Object.keys(value) : Object.values(value as { [k: string]: Json }).flatMap((item) => namesAt(item, rest));
}
