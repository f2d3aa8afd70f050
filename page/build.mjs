// Bundles each script of the pages into one file. `node build.mjs FOLDER`
import { build } from "esbuild";

await build({
  entryPoints: ["player", "preview", "diff", "site", "editor"].map((name) => `src/${name}.ts`),
  outdir: process.argv[2] ?? "../pagereel/page/static",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome115", "firefox115", "safari16.4"],
  legalComments: "inline",
  charset: "utf8",
});
