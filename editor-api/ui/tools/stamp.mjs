// One digest of everything that the build is made of. The server's tests compute the same one and compare, so that no
// built file can be older than its source.
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Files and folders that the build is made of. Tests are left out, and the types of the API: nothing of a type is built. */
const SOURCES = ["index.html", "webchat-demo.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "public", "src", "tools", "widget"];

/** SHA-256 over the paths and contents of the sources, in the order of their paths. */
export async function stampOf(root) {
  const paths = (await Promise.all(SOURCES.map((name) => filesUnder(join(root, name))))).flat();
  const named = paths.map((path) => [relative(root, path).split(sep).join("/"), path]);
  const digest = createHash("sha256");
  for (const [name, path] of named.filter(([name]) => !name.endsWith(".test.ts") && !name.endsWith(".d.ts")).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const content = await readFile(path);
    digest.update(`${name}\n${content.length}\n`).update(content);
  }
  return digest.digest("hex");
}

async function filesUnder(path) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === "ENOTDIR") return null;
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries === null) return [path];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
