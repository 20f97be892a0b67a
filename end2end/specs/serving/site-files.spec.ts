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

/** Accept-Encoding headers, and the enencodings that may result. */
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
const VARYING_HEADERS = ['date', 'etag', 'last-modified'];

/** The types of this Node version have no other name for bytes. */
type Bytes = Uint8Array<ArrayBuffer>;
const bytes = (buffer: Buffer): Bytes => buffer as unknown as Bytes;
const joined = (parts: Buffer[]): Buffer => Buffer.concat(parts.map(bytes));

type FileResponse = { status: number; headers: IncomingHttpHeaders; body: Buffer };

function send(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<FileResponse> {
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

const accepting = (encodings: string | undefined): Record<string, string> => (encodings === undefined ? {} : { 'Accept-Encoding': encodings });

/** The uncompressed files, by URL. */
function files(): string[] {
  const all = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(SITE, name)).isFile());
  return all.map((name) => `/${name}`).filter((name) => !/\.(br|gz)$/.test(name));
}

function unpacked({ headers, body }: FileResponse): Buffer {
  switch (headers['content-encoding']) {
    case 'br': return brotliDecompressSync(bytes(body));
    case 'gzip': return gunzipSync(bytes(body));
    default: return body;
  }
}

/** A response without headers that may differ. */
function comparable({ status, headers, body }: FileResponse) {
  const rest = Object.entries(headers).filter(([name]) => !VARYING_HEADERS.includes(name));
  return { status, headers: Object.fromEntries(rest), body: body.toString('base64') };
}

test('a built-in file is served like one in a folder, in every content encoding', async ({ engine, server }) => {
  const folder = await Quaylight.start(engine.url, ['--site-root', SITE]);
  try {
    const names = files();
    for (const kind of ['.wasm', '.js', '.css', '.json', '.svg', '.txt']) expect(names.some((name) => name.endsWith(kind)), kind).toBe(true);
    for (const name of names) {
      for (const [encodings, possible] of ACCEPTED) {
        const what = `${name} for ${encodings}`;
        const within = await send(server.url + name, accepting(encodings));
        expect(within.status, what).toBe(200);
        expect(possible, what).toContain(within.headers['content-encoding'] ?? 'none');
        expect(unpacked(within).equals(bytes(readFileSync(path.join(SITE, name)))), what).toBe(true);
        expect(within.headers.vary, what).toMatch(/accept-encoding/i);
        expect(within.headers['cache-control'], what).toBe(name.startsWith('/pkg/') ? 'public, max-age=31536000, immutable' : 'no-cache');
        expect(comparable(within), what).toEqual(comparable(await send(folder.url + name, accepting(encodings))));
      }
    }
  } finally {
    await folder.end();
  }
});

test('HEAD, conditional and range requests work for every file', async ({ server }) => {
  for (const name of files()) {
    for (const encodings of [undefined, 'gzip', 'br']) {
      const what = `${name} for ${encodings}`;
      const whole = await send(server.url + name, accepting(encodings));
      const head = await send(server.url + name, accepting(encodings), 'HEAD');
      expect({ ...comparable(head), body: '' }, what).toEqual({ ...comparable(whole), body: '' });
      expect(head.body.length, what).toBe(0);

      const tag = whole.headers.etag!;
      expect(tag, what).toMatch(/^"[^"]+"$/);
      const known = await send(server.url + name, { ...accepting(encodings), 'If-None-Match': `"other", ${tag}` });
      expect([known.status, known.body.length, known.headers.etag], what).toEqual([304, 0, tag]);
      const part = await send(server.url + name, { ...accepting(encodings), Range: 'bytes=1-4' });
      expect([part.status, part.body.toString('hex')], what).toEqual([206, whole.body.subarray(1, 5).toString('hex')]);
    }
  }
});

test('each content encoding of a file has its own ETag', async ({ server }) => {
  for (const name of files()) {
    const tags = await Promise.all([undefined, 'gzip', 'br'].map(async (encodings) => (await send(server.url + name, accepting(encodings))).headers.etag));
    expect(new Set(tags).size, name).toBe(3);
  }
});

test('a path without a file returns the 404 page', async ({ server }) => {
  for (const name of ['/pkg', '/pkg/', '/pkg/nothing.js', '/favicon.svg/', '/pkg/..%2f..%2fCargo.toml', '/hash.txt', '//pkg']) {
    const response = await send(server.url + name);
    expect(response.status, name).toBe(404);
    expect(response.headers['content-type'], name).toMatch(/text\/html/);
    expect(response.headers['content-security-policy'], name).toContain("script-src 'nonce-");
  }
  expect((await send(`${server.url}/favicon.svg`, {}, 'POST')).status).toBe(404);
});
