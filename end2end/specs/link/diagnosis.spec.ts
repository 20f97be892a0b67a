// "Run the test" on /realtime-test: through a real nginx with the recommended configuration, and
// through others with one mistake each, the page names the cause and the setting to change.

import { createServer, type Server, request as sendRequest } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { type Locator, type Page } from '@playwright/test';
import { SERVER_IS_DOWN } from '../../support/guard';
import { Nginx, RECOMMENDED, closingIdle, nginxIsMissing } from '../../support/nginx';
import { expect, test as base } from '../../support/test';

/** Timeout for a result: a test takes five seconds, and ten more if nothing arrives. */
const RESULT_TIMEOUT = 30_000;

const diagnosis = (page: Page): Locator => page.getByRole('region', { name: 'Diagnosis' });
const result = (page: Page): Locator => page.getByRole('group', { name: 'Test result' });
const finding = (page: Page, name: string): Locator => diagnosis(page).getByRole('article', { name, exact: true });

async function begin(page: Page, name: string): Promise<void> {
  const button = diagnosis(page).getByRole('button', { name });
  await page.goto('/realtime-test');
  // Clicks have no effect before the page is hydrated.
  await expect(async () => {
    await button.click();
    // A refused test may end before its start is visible.
    await expect(button.and(page.locator('[aria-disabled=true]')).or(diagnosis(page).getByRole('article')).first()).toBeVisible({ timeout: 1_000 });
  }).toPass();
}

async function runTest(page: Page): Promise<void> {
  await begin(page, 'Run the test');
  await expect(result(page)).not.toHaveText('', { timeout: RESULT_TIMEOUT });
}

base('without a proxy, the result is healthy', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('Healthy: events arrive without delay.');
  await expect(diagnosis(page).getByRole('article')).toHaveCount(0);
  await expect(diagnosis(page)).toContainText('none detected');
  await expect(diagnosis(page).getByRole('img', { name: /^16 pings, the slowest \d+ ms late$/ })).toBeVisible();
  await expect(diagnosis(page)).toContainText(/5\.\d s without a disconnect/);
});

base('leaving the page closes the streams of a test', async ({ page, server }) => {
  const streams: string[] = [];
  page.on('requestfailed', (request) => request.url().includes('/api/diagnosis/') && streams.push(request.url()));
  await begin(page, 'Run the long test');
  await expect(diagnosis(page).getByRole('img', { name: /[1-9]\d* pings/ })).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name: 'Containers' }).click();
  await expect(page).toHaveURL(new RegExp(`^${server.url}/containers`));
  await expect.poll(() => streams.some((url) => url.includes('silence=65'))).toBe(true);
});

/** The browser contacts only the proxy in front of the server. */
const test = base.extend<{ front: { url: string } }>({
  front: [async ({}, _use) => Promise.reject(new Error('a test names its own front')), { option: true }],
  baseURL: async ({ front }, use) => use(front.url),
  guardedOrigin: async ({ front }, use) => use(front.url),
});

// A page through a proxy that closes or buffers streams loads slowly, and a test takes five
// seconds.
base.slow();

const missing = nginxIsMissing();
if (missing && process.env.REQUIRE_DOCKER === '1') throw new Error(`REQUIRE_DOCKER=1, but ${missing}`);

/** A test through an nginx with these directives, and with extra locations. */
function behindNginx(directives: string, places: (upstream: string) => string = () => '') {
  return test.extend({
    front: async ({ server: quaylight }, use, info) => {
      base.skip(Boolean(missing), missing);
      const nginx = await Nginx.start(quaylight.url, directives, places(quaylight.url));
      await use(nginx);
      if (info.status !== info.expectedStatus) await info.attach('nginx output', { body: nginx.output });
      await nginx.end();
    },
  });
}

test.extend({
  ignoreHTTPSErrors: true,
  front: async ({ server }, use, info) => {
    base.skip(Boolean(missing), missing);
    const nginx = await Nginx.documented(server.url);
    await use(nginx);
    if (info.status !== info.expectedStatus) await info.attach('nginx output', { body: nginx.output });
    await nginx.end();
  },
  serverArgs: ['--allow-actions', '--insecure-no-auth', '--trusted-proxy', '127.0.0.1'],
})('the configuration of docs/PROXIES.md is healthy over HTTP/2 and lets actions through', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  const protocol = () => performance.getEntriesByType('navigation').map((entry) => (entry as PerformanceNavigationTiming).nextHopProtocol);
  expect(await page.evaluate(protocol)).toEqual(['h2']);
  const acted = await page.evaluate((id) => fetch(`/api/containers/${id}/pause`, { method: 'POST' }).then(({ status }) => status), id);
  expect(acted).toBe(204);
  await containers.expectState(id, 'paused');
  await runTest(page);
  await expect(result(page)).toHaveText('Healthy: events arrive without delay.');
});

behindNginx(RECOMMENDED)('the recommended nginx configuration is healthy, and nginx is named', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('Healthy: events arrive without delay.');
  await expect(diagnosis(page)).toContainText(/Server: nginx/);
});

/**
 * Buffers against the server's request. With HTTP/1.1 it sees the end of each chunk, and passes it
 * on anyway.
 */
const BUFFERING = `
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_buffering on;
  proxy_ignore_headers X-Accel-Buffering;
`;
/** With HTTP/1.0 to the server, nginx's default, it does not, and waits until a buffer is full. */
const BUFFERING_HTTP_1_0 = BUFFERING.replace('1.1', '1.0');
const COMPRESSING = 'gzip on; gzip_types text/event-stream; gzip_proxied any;';

behindNginx(BUFFERING_HTTP_1_0)('nginx that buffers: the cause and the setting are shown', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('Buffering, and more.');
  await expect(finding(page, 'Buffering')).toContainText(/up to \d\.\d s late/);
  await expect(finding(page, 'Buffering').getByText('proxy_buffering off;')).toBeVisible();
  await expect(finding(page, 'HTTP/1.0 between proxy and server')).toBeVisible();
});

behindNginx(BUFFERING)('nginx that buffers chunk by chunk is healthy', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('Healthy: events arrive without delay.');
});

behindNginx(BUFFERING_HTTP_1_0 + COMPRESSING)('nginx that buffers and compresses: both are shown', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('Buffering, and more.');
  await expect(finding(page, 'Buffering').getByText('proxy_buffering off;')).toBeVisible();
  await expect(finding(page, 'A proxy compresses streams').getByText('gzip off;')).toBeVisible();
  await expect(diagnosis(page)).toContainText('gzip, by a proxy');
});

behindNginx(BUFFERING + COMPRESSING)('nginx that delays events by compression only: compression is shown', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('Compression delays events.');
  await expect(finding(page, 'Compression delays events').getByText('gzip off;')).toBeVisible();
});

behindNginx(RECOMMENDED + COMPRESSING)('nginx that compresses without delay: healthy with a note', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('Healthy, with a note: A proxy compresses streams.');
});

behindNginx(`${BUFFERING_HTTP_1_0} proxy_buffers 8 256k; proxy_buffer_size 256k; proxy_busy_buffers_size 512k;`)('nginx that buffers whole responses: no streaming', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('No streaming, and more.');
  await expect(finding(page, 'No streaming').getByText('proxy_buffering off;')).toBeVisible();
});

behindNginx(closingIdle(2))('nginx that closes streams after 2 idle seconds: idle timeout too short', async ({ guard, page }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  await runTest(page);
  await expect(result(page)).toHaveText('Idle timeout too short.');
  await expect(finding(page, 'Idle timeout too short')).toContainText(/closed after [12]\.\d s/);
  await expect(finding(page, 'Idle timeout too short').getByText('proxy_read_timeout 1h;')).toBeVisible();
});

behindNginx('proxy_set_header Host $http_host;')('nginx with default settings: healthy with a note about HTTP/1.0', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toHaveText('Healthy, with a note: HTTP/1.0 between proxy and server.');
  await expect(finding(page, 'HTTP/1.0 between proxy and server').getByText('proxy_http_version 1.1;')).toBeVisible();
});

behindNginx(RECOMMENDED, () => 'location /api/diagnosis/ { return 503; }')('nginx that refuses requests: the status is shown', async ({ guard, page }) => {
  guard.expectComplaint(/503/);
  await runTest(page);
  await expect(finding(page, 'Request refused')).toContainText('status 503');
});

/** Two in a row: the first removes X-Accel-Buffering, the second buffers by default. */
test.extend({
  front: async ({ server }, use) => {
    base.skip(Boolean(missing), missing);
    const inner = await Nginx.start(server.url, RECOMMENDED);
    const outer = await Nginx.start(inner.url, 'proxy_set_header Host $http_host;');
    await use(outer);
    await outer.end();
    await inner.end();
  },
})('two nginx, of which the outer one buffers: buffering is shown', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toContainText('Buffering');
});

/** Compresses events without flushing, as some proxies do; leaves compressed streams alone. */
function lazyCompressor(upstream: string): Promise<Server> {
  const target = new URL(upstream);
  const proxy = createServer((request, response) => {
    const { hostname, port } = target;
    const options = { hostname, port, path: request.url, method: request.method, headers: { ...request.headers, host: target.host } };
    const forwarded = sendRequest(options, (received) => {
      const isEvents = received.headers['content-type'] === 'text/event-stream' && !received.headers['content-encoding'];
      response.writeHead(received.statusCode!, { ...received.headers, ...(isEvents ? { 'content-encoding': 'gzip', server: 'lazy' } : {}) });
      if (isEvents) received.pipe(createGzip()).pipe(response);
      else received.pipe(response);
    });
    response.once('close', () => forwarded.destroy());
    forwarded.once('error', () => response.destroy());
    request.pipe(forwarded);
  });
  return new Promise((resolve) => proxy.listen(0, '127.0.0.1', () => resolve(proxy)));
}

test.extend({
  front: async ({ server }, use) => {
    const proxy = await lazyCompressor(server.url);
    await use({ url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  },
})('a proxy that compresses without flushing: compression is shown, not buffering', async ({ page }) => {
  await runTest(page);
  await expect(result(page)).toContainText('Compression delays events');
  await expect(finding(page, 'Compression delays events')).toContainText('without flushing');
  await expect(diagnosis(page)).toContainText('lazy');
});
