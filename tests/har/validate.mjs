// Validates HTTP Archives: the files given as arguments. Tells what is wrong with the first
// that isn't valid, and ends with 1.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import Ajv from "ajv";
import schemas from "har-schema";

const require = createRequire(import.meta.url);
const ajv = new Ajv({ allErrors: true });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-06.json"));
const isValid = ajv.addSchema(Object.values(schemas)).compile(schemas.har);

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node validate.mjs FILE…");
  process.exit(1);
}
for (const file of files) {
  const faults = await faultsOf(file);
  if (faults.length > 0) {
    console.log(`${file}: not valid\n${faults.join("\n")}`);
    process.exit(1);
  }
  console.log(`${file}: valid`);
}

async function faultsOf(file) {
  const archive = JSON.parse(await readFile(file, "utf8"));
  if (!isValid(archive)) return isValid.errors.map(({ dataPath, message }) => `${dataPath} ${message}`);
  return archive.log.entries.flatMap((entry, index) => faultsOfTime(entry).map((fault) => `entry ${index}: ${fault}`));
}

// What the schema can't say (HAR 1.2, «timings»): the time is that of the phases together, of
// which TLS is a part of connecting; and three of them always apply.
function faultsOfTime({ time, timings }) {
  const { ssl, comment, ...phases } = timings;
  const sum = Object.values(phases).reduce((sum, phase) => sum + Math.max(0, phase), 0);
  const faults = ["send", "wait", "receive"].filter((name) => phases[name] < 0).map((name) => `${name} is missing`);
  if (Math.abs(sum - time) > 0.01) faults.push(`its phases take ${sum} ms, and it takes ${time} ms`);
  if (ssl > phases.connect) faults.push("TLS takes longer than connecting");
  return faults;
}
