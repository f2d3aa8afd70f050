// Bundles the player into one script for the page. `node build.mjs OUTPUT`
import { build } from "esbuild";

await build({
  entryPoints: ["src/player.ts"],
  outfile: process.argv[2] ?? "../pagereel/page/static/player.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome115", "firefox115", "safari16.4"],
  legalComments: "inline",
  charset: "utf8",
});
