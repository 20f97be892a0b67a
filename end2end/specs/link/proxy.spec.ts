// The page behind a real nginx: with the recommended configuration, and with ones that cut, refuse
// and buffer.

import { type Page } from '@playwright/test';
import { SERVER_IS_DOWN } from '../../support/guard';
import { AT_ONCE, BACK_AGAIN, FALL_BACK } from '../../support/limits';
import { HOLDING_BACK, Nginx, RECOMMENDED, cutting, nginxIsMissing } from '../../support/nginx';
import { expect, test as base } from '../../support/test';

const STREAM = '/api/containers/stream';

/** The browser contacts nginx only: `baseURL` and the guard know no other address. */
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

test('as documented: live, at once, and never cut', async ({ containers, engine, nginx }) => {
  await containers.open();
  const id = await engine.run('lantern');
  await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: AT_ONCE });
  await engine.kill(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'exited', { timeout: AT_ONCE });
  expect(await nginx.answers(STREAM), 'the stream was never cut').toEqual([]);
});

test.describe('cutting what is silent for a second', () => {
  test.use({ directives: cutting(1), serverArgs: ['--stats-interval', '30s'] });

  test('no change is lost, and the page stays the same', async ({ containers, engine, guard, nginx, page }) => {
    guard.expectComplaint(SERVER_IS_DOWN);
    await containers.open();
    await markPage(page);
    await expect.poll(async () => (await nginx.answers(STREAM)).length, { timeout: FALL_BACK }).toBeGreaterThan(2);
    const ids: string[] = [];
    for (const name of ['lantern', 'buoy', 'anchor']) ids.push(await engine.run(name));
    await engine.kill(ids[1]!);
    for (const [at, state] of ['running', 'exited', 'running'].entries()) {
      await expect(containers.container(ids[at]!)).toHaveAttribute('data-state', state, { timeout: BACK_AGAIN });
    }
    await expectSamePage(page);
    expect(new Set(await nginx.answers(STREAM))).toEqual(new Set([200]));
  });
});

test('502 at every try until the server is back', async ({ containers, engine, guard, nginx, page, server }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  guard.expectComplaint(/502 \(Bad Gateway\)/);
  const id = await engine.run('lantern');
  await containers.open();
  await expect(containers.container(id)).toBeVisible();
  await markPage(page);

  await server.kill();
  await containers.expectConnection('Reconnecting');
  await expect.poll(async () => (await nginx.answers(STREAM)).filter((status) => status === 502).length, { timeout: FALL_BACK }).toBeGreaterThan(1);
  await expect(containers.container(id)).toBeVisible();
  const missed = await engine.run('buoy');
  await engine.kill(id);

  await server.startAgain();
  await containers.expectConnection('Live', FALL_BACK);
  await containers.expectState(id, 'exited');
  await expect(containers.container(missed)).toBeVisible();
  await expectSamePage(page);
});

test('a reload of the proxy that ends its old connections', async ({ containers, engine, guard, nginx, page }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  await containers.open();
  await markPage(page);
  await nginx.reload();
  await expect.poll(async () => (await nginx.answers(STREAM)).length, { timeout: BACK_AGAIN }).toBeGreaterThan(0);
  const id = await engine.run('lantern');
  await expect(containers.container(id)).toBeVisible({ timeout: BACK_AGAIN });
  await containers.expectConnection('Live', BACK_AGAIN);
  await expectSamePage(page);
});

test.describe('holding the stream back', () => {
  test.use({ directives: HOLDING_BACK });

  test('the page says that it is not live, and fetches instead', async ({ containers, engine, nginx, page }) => {
    await page.goto('/containers');
    await containers.expectConnection('Static', 2 * FALL_BACK);
    const id = await engine.run('lantern');
    await expect(containers.container(id)).toBeVisible({ timeout: FALL_BACK });

    // With the right configuration it becomes live again without a reload.
    await nginx.reload(RECOMMENDED);
    await containers.expectConnection('Live', 2 * FALL_BACK);
    await engine.kill(id);
    await expect(containers.container(id)).toHaveAttribute('data-state', 'exited', { timeout: AT_ONCE });
  });
});
