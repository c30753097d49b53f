// Writes devices.tsv and time_zones.txt, which the crate is compiled with:
//   npm install --no-save playwright-core@1.65.1 && node generate.mjs
//
// Devices are those of playwright-core (Copyright Microsoft Corporation,
// Apache-2.0), its landscape twins left out: a window is turned by an option.
// Time zones are the names of the tz database (public domain), as installed under
// /usr/share/zoneinfo, that ICU knows, which Chromium's override goes by.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { devices } = require("playwright-core");
const { version } = require("playwright-core/package.json");

const lines = Object.entries(devices)
  .filter(([name]) => !name.endsWith(" landscape"))
  .map(([name, it]) =>
    [name, it.viewport.width, it.viewport.height, it.deviceScaleFactor, it.isMobile, it.hasTouch, it.userAgent].join("\t"));
const head = [
  `# playwright-core ${version}, Copyright (c) Microsoft Corporation, Apache-2.0; written by generate.mjs`,
  "# name, width and height in CSS pixels, scale, mobile, touch, user agent",
];
writeFileSync(new URL("devices.tsv", import.meta.url), [...head, ...lines, ""].join("\n"));

const isKnown = (timeZone) => {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone }));
  } catch {
    return false;
  }
};
const database = readFileSync("/usr/share/zoneinfo/tzdata.zi", "utf8");
const zones = database.split("\n").flatMap((line) => {
  const [kind, first, second] = line.split(" ");
  return kind === "Z" ? [first] : kind === "L" ? [second] : [];
});
const known = [...new Set(zones)].filter((name) => name !== "Factory" && isKnown(name)).sort();
const release = database.slice(0, database.indexOf("\n")).replace("# version ", "");
writeFileSync(new URL("time_zones.txt", import.meta.url), [`# tz database ${release}, public domain; written by generate.mjs`, ...known, ""].join("\n"));
