/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import license from "rollup-plugin-license";
import { defineConfig, type PluginOption } from "vite";

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Real nodes in a real browser. */
const inBrowser = {
  // Two nodes and a browser are enough at once.
  pool: "forks",
  poolOptions: { forks: { singleFork: true } },
  // Only to end a test that would hang; nothing is measured by them.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 120_000 } },
} as const;

export default defineConfig({
  plugins: [
    react(),
    // Whose work the bundle holds, with everybody's licence: most of these ask for that where a program is given away.
    license({ thirdParty: { output: folder("../build/page/THIRD-PARTY-NOTICES.txt") } }) as PluginOption,
  ],
  // It is served below an address that is not known when it is built.
  base: "./",
  build: {
    outDir: folder("../build/page"),
    emptyOutDir: true,
    target: "es2022",
    // What is in a file of its own can be kept by browsers; nothing is inlined, which a strict policy would refuse.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  css: { preprocessorOptions: { scss: { quietDeps: true } } },
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: ["tests/**/*.test.ts"] } },
      { extends: true, test: { ...inBrowser, name: "browser", include: ["browser/**/*.test.ts"] } },
      { extends: true, test: { ...inBrowser, name: "pictures", include: ["pictures/**/*.test.ts"] } },
    ],
  },
});
