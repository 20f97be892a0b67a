// Puts similar functions of each module next to each other, so that brotli finds what they have in
// common: `node scripts/order-functions.mjs <site>/pkg`.
//
// Most functions are instances of Leptos's generics, and differ in a few bytes. Sorted by name, the
// first module is 18 kB larger (compressed). wasm-opt moves the functions and corrects all
// references, by names that this script gives them. The output is reproducible.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODE_SECTION, FUNCTION, IMPORT_SECTION, Reader, leb, section, sections, text, writeCompressed } from './wasm-format.mjs';

/** Functions are similar if they share many sequences of this many bytes. */
const SEQUENCE_LENGTH = 4;

/** Sequences of a function that are compared: those with the smallest hashes. */
const MAX_SEQUENCES = 1000;

/** A sequence in more functions than this says nothing about their similarity. */
const MAX_FUNCTIONS_OF_SEQUENCE = 10_000;

/** Minimum share of equal sequences, so that a new group starts at the next function by name. */
const MIN_SHARE = 0.01;

/** The number of imported functions, which come first in the index, and the bodies of the others. */
function functions(module) {
  let imported = 0;
  const bodies = [];
  for (const [id, body] of sections(module)) {
    const reader = new Reader(body);
    if (id === IMPORT_SECTION) {
      for (let left = reader.number(); left > 0; left -= 1) {
        reader.take(reader.number());
        reader.take(reader.number());
        if (reader.description()[0] === FUNCTION) imported += 1;
      }
    }
    if (id === CODE_SECTION) for (let left = reader.number(); left > 0; left -= 1) bodies.push(reader.take(reader.number()));
  }
  return { imported, bodies };
}

/** FNV-1a of a sequence, mixed so that the smallest hashes are a random sample. */
function hash(bytes, start) {
  let hash = 0x811c9dc5;
  for (let at = start; at < start + SEQUENCE_LENGTH; at += 1) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function sequences(body) {
  const hashes = new Set();
  for (let start = 0; start + SEQUENCE_LENGTH <= body.length; start += 1) hashes.add(hash(body, start));
  return [...hashes].sort((a, b) => a - b).slice(0, MAX_SEQUENCES);
}

/** The functions' indices, each followed by the most similar one that is left. */
function bySimilarity(bodies) {
  const sampled = bodies.map(sequences);
  const functionsOf = new Map();
  sampled.forEach((hashes, index) => {
    for (const hash of hashes) {
      if (!functionsOf.has(hash)) functionsOf.set(hash, []);
      functionsOf.get(hash).push(index);
    }
  });
  const isPlaced = new Uint8Array(bodies.length);
  const mostSimilar = (current) => {
    const shared = new Map();
    for (const hash of sampled[current]) {
      const others = functionsOf.get(hash);
      if (others.length >= MAX_FUNCTIONS_OF_SEQUENCE) continue;
      for (const other of others) if (!isPlaced[other]) shared.set(other, (shared.get(other) ?? 0) + 1);
    }
    let best;
    for (const [index, count] of shared) {
      const share = count / Math.max(sampled[current].length, sampled[index].length);
      const difference = Math.abs(bodies[index].length - bodies[current].length);
      const isBetter = share > (best?.share ?? MIN_SHARE) || (share === best?.share && difference < best.difference);
      if (isBetter) best = { index, share, difference };
    }
    return best?.index;
  };
  const order = [];
  let first = 0;
  for (let current = 0; order.length < bodies.length; current = mostSimilar(current) ?? first) {
    order.push(current);
    isPlaced[current] = 1;
    while (isPlaced[first]) first += 1;
  }
  return order;
}

/** The module with a name for each function, in the order of `order`. */
function named(module, imported, order) {
  const digits = String(order.length).length;
  const names = [];
  order.forEach((index, place) => {
    names[index] = Buffer.concat([leb(imported + index), text(String(place).padStart(digits, '0'))]);
  });
  const functionNames = section(1, Buffer.concat([leb(names.length), ...names]));
  return Buffer.concat([module, section(0, Buffer.concat([text('name'), functionNames]))]);
}

const folder = process.argv[2];
const modules = readdirSync(folder).filter((name) => name.endsWith('.wasm'));
if (modules.length === 0) throw new Error(`${folder} has no modules; build the page first`);
let count = 0;
for (const name of modules) {
  const path = join(folder, name);
  const module = readFileSync(path);
  const { imported, bodies } = functions(module);
  writeFileSync(path, named(module, imported, bySimilarity(bodies)));
  execFileSync('wasm-opt', [path, '--reorder-functions-by-name', '--strip-debug', '-o', path]);
  writeCompressed(path, readFileSync(path));
  count += bodies.length;
}
console.log(`order  ${count} functions in ${modules.length} modules, similar ones together`);
