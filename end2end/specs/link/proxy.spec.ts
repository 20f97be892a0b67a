// The page behind a real nginx: with the recommended configuration, and with ones that close
// streams, refuse requests and buffer.

import { type Page } from '@playwright/test';
import { SERVER_IS_DOWN } from '../../support/guard';
import { CHANGE_TIMEOUT, RECOVERY_TIMEOUT, STATIC_TIMEOUT } from '../../support/limits';
import { DELAYING, Nginx, RECOMMENDED, closingIdle, nginxIsMissing } from '../../support/nginx';
import { expect, test as base } from '../../support/test';

const STREAM = '/api/containers/stream';

/** The browser contacts nginx only: `baseURL` and the guard have no other address. */
const test = base.extend<{ directives: string; nginx: Nginx }>({
  directives: [RECOMMENDED, { option: true }],
  nginx: async ({ directives, server }, use, info) => {
    const nginx = await Nginx.start(server.url, directives);
    await use(nginx);
    if (info.status !== info.expectedStatus) await info.attach('nginx output', { body: nginx.output });
    await nginx.end();
  },
  baseURL: async ({ nginx }, use) => use(nginx.url),
  guardedOrigin: async ({ nginx }, use) => use(nginx.url),
});

const missing = nginxIsMissing();
if (missing && process.env.REQUIRE_DOCKER === '1') throw new Error(`REQUIRE_DOCKER=1, but ${missing}`);
test.skip(Boolean(missing), missing);
test.slow();

const markPage = (page: Page) => page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'));
const expectSamePage = (page: Page) => expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes');

test('the documented configuration: changes arrive immediately and the stream stays open', async ({ containers, engine, nginx }) => {
  await containers.open();
  const id = await engine.run('lantern');
  await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: CHANGE_TIMEOUT });
  await engine.kill(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'exited', { timeout: CHANGE_TIMEOUT });
  expect(await nginx.statuses(STREAM), 'the stream was never closed').toEqual([]);
});

test.describe('a proxy that closes streams after one idle second', () => {
  test.use({ directives: closingIdle(1), serverArgs: ['--stats-interval', '30s'] });

  test('no change is lost, and the page is not reloaded', async ({ containers, engine, guard, nginx, page }) => {
    guard.expectComplaint(SERVER_IS_DOWN);
    await containers.open();
    await markPage(page);
    await expect.poll(async () => (await nginx.statuses(STREAM)).length, { timeout: STATIC_TIMEOUT }).toBeGreaterThan(2);
    const ids: string[] = [];
    for (const name of ['lantern', 'buoy', 'anchor']) ids.push(await engine.run(name));
    await engine.kill(ids[1]!);
    for (const [at, state] of ['running', 'exited', 'running'].entries()) {
      await expect(containers.container(ids[at]!)).toHaveAttribute('data-state', state, { timeout: RECOVERY_TIMEOUT });
    }
    await expectSamePage(page);
    expect(new Set(await nginx.statuses(STREAM))).toEqual(new Set([200]));
  });
});

test('a proxy that returns 502: the page becomes live when the server is back', async ({ containers, engine, guard, nginx, page, server }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  guard.expectComplaint(/502 \(Bad Gateway\)/);
  const id = await engine.run('lantern');
  await containers.open();
  await expect(containers.container(id)).toBeVisible();
  await markPage(page);

  await server.kill();
  await containers.expectConnection('Reconnecting');
  await expect.poll(async () => (await nginx.statuses(STREAM)).filter((status) => status === 502).length, { timeout: STATIC_TIMEOUT }).toBeGreaterThan(1);
  await expect(containers.container(id)).toBeVisible();
  const missed = await engine.run('buoy');
  await engine.kill(id);

  await server.startAgain();
  await containers.expectConnection('Live', STATIC_TIMEOUT);
  await containers.expectState(id, 'exited');
  await expect(containers.container(missed)).toBeVisible();
  await expectSamePage(page);
});

test('a proxy reload that closes connections: the page reconnects', async ({ containers, engine, guard, nginx, page }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  await containers.open();
  await markPage(page);
  await nginx.reload();
  await expect.poll(async () => (await nginx.statuses(STREAM)).length, { timeout: RECOVERY_TIMEOUT }).toBeGreaterThan(0);
  const id = await engine.run('lantern');
  await expect(containers.container(id)).toBeVisible({ timeout: RECOVERY_TIMEOUT });
  await containers.expectConnection('Live', RECOVERY_TIMEOUT);
  await expectSamePage(page);
});

test.describe('a proxy that buffers the stream', () => {
  test.use({ directives: DELAYING });

  test('the page becomes Static and polls until the stream arrives', async ({ containers, engine, nginx, page }) => {
    await page.goto('/containers');
    await containers.expectConnection('Static', 2 * STATIC_TIMEOUT);
    const id = await engine.run('lantern');
    await expect(containers.container(id)).toBeVisible({ timeout: STATIC_TIMEOUT });

    // With the right configuration it becomes live again without a reload.
    await nginx.reload(RECOMMENDED);
    await containers.expectConnection('Live', 2 * STATIC_TIMEOUT);
    await engine.kill(id);
    await expect(containers.container(id)).toHaveAttribute('data-state', 'exited', { timeout: CHANGE_TIMEOUT });
  });
});
