// Shortens the names of the module's imports from its script, in both files, and compresses both
// again: `node scripts/short-names.mjs <site>/pkg`.
//
// wasm-bindgen names each of about 300 imports by a function and a hash of 16 digits, which does
// not compress and is in both files: 7 kB of the first load. The names are internal to the two
// files. They are numbered in the order of the import section, so the output is reproducible.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const IMPORT_SECTION = 2;

/** Reads a module's binary format, as far as needed: https://webassembly.github.io/spec/core/binary/modules.html */
class Reader {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned LEB128. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  take(length) {
    return this.bytes.subarray(this.at, (this.at += length));
  }

  limits() {
    const flags = this.number();
    this.number();
    if (flags & 1) this.number();
  }

  /** What an import is: a function, a table, a memory, a global or a tag. */
  description() {
    const start = this.at;
    const kind = this.byte();
    if (kind === 0) this.number();
    else if (kind === 1) this.byte(), this.limits();
    else if (kind === 2) this.limits();
    else if (kind === 3) this.byte(), this.byte();
    else if (kind === 4) this.byte(), this.number();
    else throw new Error(`an import of unknown kind ${kind}`);
    return this.bytes.subarray(start, this.at);
  }
}

function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return Buffer.from(bytes);
}

const named = (text) => [leb(text.length), text];

/** The import section with the names that `shorten` gives. */
function renamed(section, shorten) {
  const reader = new Reader(section, 0);
  const count = reader.number();
  const parts = [leb(count)];
  for (let index = 0; index < count; index += 1) {
    const from = reader.take(reader.number());
    const name = reader.take(reader.number()).toString();
    parts.push(...named(from), ...named(Buffer.from(shorten(name))), reader.description());
  }
  return Buffer.concat(parts);
}

/** The module, whose import section is made by `change`. */
function withImports(module, change) {
  const parts = [module.subarray(0, 8)];
  for (const reader = new Reader(module, 8); reader.at < module.length; ) {
    const id = reader.byte();
    const section = reader.take(reader.number());
    const body = id === IMPORT_SECTION ? change(section) : section;
    parts.push(Buffer.from([id]), leb(body.length), body);
  }
  return Buffer.concat(parts);
}

function write(path, bytes) {
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
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
const module = withImports(readFileSync(modulePath), (section) => renamed(section, shorten));
if (shortNames.size === 0) throw new Error(`nothing in ${scriptPath} is imported by ${modulePath}`);

write(modulePath, module);
write(scriptPath, Buffer.from(script.replace(/\b__wb(?:g|indgen)_\w+/g, (name) => shortNames.get(name) ?? name)));
console.log(`names  ${shortNames.size} imports of the page's module have short names`);
