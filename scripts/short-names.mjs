// Shortens the names of the module's imports from its script, and those of the chunks' files, and
// compresses the files again: `node scripts/short-names.mjs <site>/pkg`.
//
// wasm-bindgen names each of about 300 imports by a function and a hash of 16 digits, which does
// not compress and is in both files: 7 kB of the first load. The names are internal to the two
// files. They are numbered in the order of the import section, so the output is reproducible.
//
// Each of about 120 chunks has a hash of 22 letters in its name, which does not compress either; 8
// letters (48 bits) tell versions of a chunk apart.

import { readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { IMPORT_SECTION, Reader, leb, text, withSections, writeCompressed } from './wasm-format.mjs';

/** The import section with the names that `shorten` gives. */
function renamed(body, shorten) {
  const reader = new Reader(body);
  const count = reader.number();
  const parts = [leb(count)];
  for (let index = 0; index < count; index += 1) {
    const from = reader.take(reader.number()).toString();
    const name = reader.take(reader.number()).toString();
    parts.push(text(from), text(shorten(name)), reader.description());
  }
  return Buffer.concat(parts);
}

const folder = process.argv[2];
const find = (pattern) => {
  const found = readdirSync(folder).filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Error(`${folder} has ${found.length} files like ${pattern}; build the page first`);
  return join(folder, found[0]);
};
const [modulePath, scriptPath] = [find(/^quaylight\.[^.]+\.wasm$/), find(/^quaylight\.[^.]+\.js$/)];

const script = readFileSync(scriptPath, 'utf8');
const longNames = new Set(script.match(/\b__wb(?:g|indgen)_\w+/g));
const shortNames = new Map();
const shorten = (name) => {
  if (!longNames.has(name)) return name;
  if (!shortNames.has(name)) shortNames.set(name, `_${shortNames.size.toString(36)}`);
  return shortNames.get(name);
};
const module = withSections(readFileSync(modulePath), (id, body) => (id === IMPORT_SECTION ? renamed(body, shorten) : body));
if (shortNames.size === 0) throw new Error(`nothing in ${scriptPath} is imported by ${modulePath}`);

writeCompressed(modulePath, module);
writeCompressed(scriptPath, Buffer.from(script.replace(/\b__wb(?:g|indgen)_\w+/g, (name) => shortNames.get(name) ?? name)));
/** The name of a chunk's file with a short hash. */
const withShortHash = (name) => name.replace(/((?:chunk|split)_\w+\.[\w-]{8})[\w-]{14}/g, '$1');
for (const name of readdirSync(folder)) {
  if (withShortHash(name) !== name) renameSync(join(folder, name), join(folder, withShortHash(name)));
}
const splitPath = find(/^__wasm_split\.[^.]+\.js$/);
writeCompressed(splitPath, Buffer.from(withShortHash(readFileSync(splitPath, 'utf8'))));
const manifestPath = find(/^__wasm_split_manifest(\.[^.]+)?\.json$/);
writeCompressed(manifestPath, Buffer.from(withShortHash(readFileSync(manifestPath, 'utf8'))));

console.log(`names  ${shortNames.size} imports of the page's module have short names`);
