// Browser tests: one real server and one real browser for the whole run, one test after another.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { root: import.meta.dirname, include: ["*.test.ts"], fileParallelism: false, testTimeout: 180_000, hookTimeout: 60_000 },
});
