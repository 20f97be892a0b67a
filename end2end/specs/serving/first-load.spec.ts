// First load of the list with 20 containers: the list is in the HTML, and everything together is at
// most 280 kB, compressed.

import http from 'node:http';
import { expect, test } from '../../support/test';

/** Total of HTML, CSS, JavaScript and WebAssembly, compressed with brotli. */
const BUDGET_BYTES = 280_000;

test('the list is in the HTML and the load is within its budget', async ({ containers, engine, page, server }) => {
  for (let count = (await engine.list()).length; count < 20; count += 1) await engine.run(`ship-${count}`);
  const loaded = new Set<string>();
  page.on('request', (request) => {
    if (!request.url().includes('/api/')) loaded.add(request.url());
  });
  await containers.open();
  await expect(containers.all).toHaveCount(20);

  const parts = await Promise.all([...loaded].filter((url) => url.startsWith(server.url)).map(compressed));
  const names = (await engine.list()).map(({ Names }) => Names[0]!.slice(1));
  const html = await (await page.request.get('/containers')).text();
  for (const name of names) expect(html).toContain(name);

  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const table = parts.map(({ url, bytes, encoding }) => `${String(bytes).padStart(8)}  ${encoding}  ${new URL(url).pathname}`).join('\n');
  console.log(`${table}\n${String(total).padStart(8)}  in all`);
  for (const { url, vary } of parts.filter(({ encoding }) => encoding !== 'none')) expect(vary, url).toMatch(/accept-encoding/i);
  for (const kind of ['.wasm', '.js', '.css']) {
    expect(parts.find(({ url }) => url.endsWith(kind))?.encoding, `${kind} is served as brotli`).toBe('br');
  }
  expect(total, table).toBeLessThanOrEqual(BUDGET_BYTES);
});

type Part = { url: string; bytes: number; encoding: string; vary: string };

/** The response for `url` to a browser that accepts brotli. */
function compressed(url: string): Promise<Part> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers: { 'Accept-Encoding': 'br', Accept: '*/*' } }, (response) => {
        let bytes = 0;
        response.on('data', (part: Buffer) => (bytes += part.length));
        response.once('end', () => resolve({ url, bytes, encoding: response.headers['content-encoding'] ?? 'none', vary: response.headers.vary ?? '' }));
      })
      .once('error', reject);
  });
}
