// WebAssembly's binary format, as far as the scripts that shrink the page's modules need it:
// https://webassembly.github.io/spec/core/binary/modules.html. And their compressed files.

import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export const IMPORT_SECTION = 2;
export const CODE_SECTION = 10;

/** Kind of an import of a function. */
export const FUNCTION = 0;

/** Reads a module or a section from the start. */
export class Reader {
  constructor(bytes, at = 0) {
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

  /** What an import is: a function, a table, a memory, a global or a tag. The first byte is its kind. */
  description() {
    const start = this.at;
    const kind = this.byte();
    if (kind === FUNCTION) this.number();
    else if (kind === 1) this.byte(), this.limits();
    else if (kind === 2) this.limits();
    else if (kind === 3) this.byte(), this.byte();
    else if (kind === 4) this.byte(), this.number();
    else throw new Error(`an import of unknown kind ${kind}`);
    return this.bytes.subarray(start, this.at);
  }
}

/** An unsigned LEB128. */
export function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return Buffer.from(bytes);
}

/** A text with its length. */
export const text = (words) => Buffer.concat([leb(Buffer.byteLength(words)), Buffer.from(words)]);

/** A section with its id and length. */
export const section = (id, body) => Buffer.concat([Buffer.from([id]), leb(body.length), body]);

/** The sections of a module: `[id, body]`. */
export function* sections(module) {
  for (const reader = new Reader(module, 8); reader.at < module.length; ) {
    const id = reader.byte();
    yield [id, reader.take(reader.number())];
  }
}

/** The module with the sections that `change` returns. */
export function withSections(module, change) {
  const changed = [...sections(module)].map(([id, body]) => section(id, change(id, body)));
  return Buffer.concat([module.subarray(0, 8), ...changed]);
}

/** Writes a file, and what the server sends to browsers that accept gzip or brotli. */
export function writeCompressed(path, bytes) {
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
}
