// The page's files are built into the program; those of --site-root replace them. Both are served
// alike: each file, in every content encoding, with conditional and range requests.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { repository } from '../../support/programs';
import { Quaylight } from '../../support/server';
import { expect, test } from '../../support/test';

const SITE = path.join(repository, 'target/site');

/** Accept-Encoding headers, and the encodings that may result. */
const ACCEPTED: [string | undefined, string[]][] = [
  [undefined, ['none']],
  ['identity', ['none']],
  ['gzip', ['gzip']],
  ['br', ['br']],
  ['gzip, deflate, br, zstd', ['br']],
  ['br;q=0, gzip', ['gzip']],
  ['br;q=0.1, gzip;q=0.5', ['gzip']],
  ['br;q=0, gzip;q=0', ['none']],
  ['zstd', ['none']],
];

/** Headers that depend on time and connection. */
const OF_THE_PLACE = ['date', 'etag', 'last-modified'];

/** The types of this Node version have no other name for bytes. */
type Bytes = Uint8Array<ArrayBuffer>;
const bytes = (buffer: Buffer): Bytes => buffer as unknown as Bytes;
const joined = (parts: Buffer[]): Buffer => Buffer.concat(parts.map(bytes));

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    http
      .request(url, { method, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: joined(parts) }));
        response.once('error', reject);
      })
      .once('error', reject)
      .end();
  });
}

const accepting = (codings: string | undefined): Record<string, string> => (codings === undefined ? {} : { 'Accept-Encoding': codings });

/** The uncompressed files, by URL. */
function files(): string[] {
  const all = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(SITE, name)).isFile());
  return all.map((name) => `/${name}`).filter((name) => !/\.(br|gz)$/.test(name));
}

function unpacked({ headers, body }: Answer): Buffer {
  switch (headers['content-encoding']) {
    case 'br': return brotliDecompressSync(bytes(body));
    case 'gzip': return gunzipSync(bytes(body));
    default: return body;
  }
}

/** A response without headers that may differ. */
function comparable({ status, headers, body }: Answer) {
  const rest = Object.entries(headers).filter(([name]) => !OF_THE_PLACE.includes(name));
  return { status, headers: Object.fromEntries(rest), body: body.toString('base64') };
}

test('a file within the program is answered as one in a folder, in every coding', async ({ engine, server }) => {
  const folder = await Quaylight.start(engine.url, ['--site-root', SITE]);
  try {
    const names = files();
    for (const kind of ['.wasm', '.js', '.css', '.json', '.svg', '.txt']) expect(names.some((name) => name.endsWith(kind)), kind).toBe(true);
    for (const name of names) {
      for (const [codings, possible] of ACCEPTED) {
        const what = `${name} for ${codings}`;
        const within = await ask(server.url + name, accepting(codings));
        expect(within.status, what).toBe(200);
        expect(possible, what).toContain(within.headers['content-encoding'] ?? 'none');
        expect(unpacked(within).equals(bytes(readFileSync(path.join(SITE, name)))), what).toBe(true);
        expect(within.headers.vary, what).toMatch(/accept-encoding/i);
        expect(within.headers['cache-control'], what).toBe(name.startsWith('/pkg/') ? 'public, max-age=31536000, immutable' : 'no-cache');
        expect(comparable(within), what).toEqual(comparable(await ask(folder.url + name, accepting(codings))));
      }
    }
  } finally {
    await folder.end();
  }
});

test('a file can be asked for by its head, by a condition and by a part', async ({ server }) => {
  for (const name of files()) {
    for (const codings of [undefined, 'gzip', 'br']) {
      const what = `${name} for ${codings}`;
      const whole = await ask(server.url + name, accepting(codings));
      const head = await ask(server.url + name, accepting(codings), 'HEAD');
      expect({ ...comparable(head), body: '' }, what).toEqual({ ...comparable(whole), body: '' });
      expect(head.body.length, what).toBe(0);

      const tag = whole.headers.etag!;
      expect(tag, what).toMatch(/^"[^"]+"$/);
      const known = await ask(server.url + name, { ...accepting(codings), 'If-None-Match': `"other", ${tag}` });
      expect([known.status, known.body.length, known.headers.etag], what).toEqual([304, 0, tag]);
      const part = await ask(server.url + name, { ...accepting(codings), Range: 'bytes=1-4' });
      expect([part.status, part.body.toString('hex')], what).toEqual([206, whole.body.subarray(1, 5).toString('hex')]);
    }
  }
});

test('no two codings of a file have the same tag', async ({ server }) => {
  for (const name of files()) {
    const tags = await Promise.all([undefined, 'gzip', 'br'].map(async (codings) => (await ask(server.url + name, accepting(codings))).headers.etag));
    expect(new Set(tags).size, name).toBe(3);
  }
});

test('what is no file is a page that was not found', async ({ server }) => {
  for (const name of ['/pkg', '/pkg/', '/pkg/nothing.js', '/favicon.svg/', '/pkg/..%2f..%2fCargo.toml', '/hash.txt', '//pkg']) {
    const answer = await ask(server.url + name);
    expect(answer.status, name).toBe(404);
    expect(answer.headers['content-type'], name).toMatch(/text\/html/);
    expect(answer.headers['content-security-policy'], name).toContain("script-src 'nonce-");
  }
  expect((await ask(`${server.url}/favicon.svg`, {}, 'POST')).status).toBe(404);
});
