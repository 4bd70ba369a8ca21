// Builds everything that the server embeds: the Studio, the webchat widget, and the stamp that ties both to their
// sources. Text is kept compressed, which is also how it is served. Nothing here watches or serves.
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { stampOf } from "./stamp.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

await build({ root, logLevel: "warn" });
await build({
  root,
  configFile: false,
  logLevel: "warn",
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: "es2020",
    lib: { entry: "widget/webchat.ts", formats: ["iife"], name: "RoutewrightWebchat", fileName: () => "webchat.js" },
  },
});

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && /\.(js|css|svg)$/.test(entry.name)) {
    await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }));
    await rm(path);
  }
}
await writeFile(join(dist, "build.json"), `${JSON.stringify({ sources: await stampOf(root) })}\n`);
