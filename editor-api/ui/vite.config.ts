// The Studio's pages. The widget has its own build in tools/build.mjs, because it must be one file.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: "es2023",
    rollupOptions: { input: ["index.html", "webchat-demo.html"] },
  },
  worker: { format: "es" },
  test: { include: ["src/**/*.test.ts", "widget/**/*.test.ts"], environment: "node" },
});
