// The same page on a real Docker Engine: live changes, exit codes, figures, and the daemon killed and restarted under it.

import { AT_ONCE, BACK_AGAIN } from '../support/limits';
import { RealEngine, realEngineIsMissing } from '../support/real-engine';
import { Quaylight } from '../support/server';
import { expect, test as base } from '../support/test';

type Real = { real: RealEngine };

const test = base.extend<object, Real>({
  real: [
    async ({}, use) => {
      const engine = await RealEngine.start();
      await use(engine);
      await engine.end();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
}).extend<{ server: Quaylight }>({
  server: async ({ real }, use, info) => {
    const server = await Quaylight.start(real.url);
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach('server output', { body: server.output });
    await server.end();
  },
});

// One engine for all of them, so one after the other.
test.describe.configure({ mode: 'serial' });

const missing = realEngineIsMissing();
if (missing && process.env.REQUIRE_DOCKER === '1') throw new Error(`REQUIRE_DOCKER=1, but ${missing}`);
test.skip(Boolean(missing), `no real engine: ${missing}`);

test('a container\'s life', async ({ containers, real }) => {
  await containers.open();
  const id = await real.create('ql-lantern');
  await containers.expectState(id, 'created');
  await real.start(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: AT_ONCE });
  await real.pause(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'paused', { timeout: AT_ONCE });
  await real.unpause(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: AT_ONCE });
  await real.rename(id, 'ql-beacon');
  await expect(containers.container(id)).toContainText('ql-beacon', { timeout: AT_ONCE });
  await real.kill(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'exited', { timeout: AT_ONCE });
  await expect(containers.container(id)).toContainText('137');
  await real.remove(id);
  await expect(containers.container(id)).toHaveCount(0, { timeout: AT_ONCE });
});

test('CPU and memory of a busy container', async ({ containers, real }) => {
  const id = await real.run('ql-busy', { command: ['sh', '-c', 'yes > /dev/null'], memoryBytes: 64 * 1024 * 1024 });
  await containers.open();
  await expect
    .poll(async () => Number(await containers.meter(id, /CPU/i).getAttribute('aria-valuenow')), { timeout: BACK_AGAIN })
    .toBeGreaterThan(10);
  await expect(containers.meter(id, /memory/i)).toHaveAttribute('aria-valuetext', /64(\.0)? ?MiB/);
  await real.remove(id);
});

test('the daemon is killed and started again under an open page', async ({ containers, page, real }) => {
  test.skip(!real.isOwn, 'the engine of DOCKER_HOST is not ours to kill');
  test.slow();
  const id = await real.run('ql-lantern');
  await containers.open();
  await containers.expectState(id, 'running');
  await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'));

  await real.goAway();
  await expect(containers.trouble).toContainText(/engine .* is not answering/i, { timeout: BACK_AGAIN });
  await expect(containers.container(id)).toBeVisible();

  await real.comeBack();
  await expect(containers.trouble).toHaveCount(0, { timeout: BACK_AGAIN });
  await containers.expectConnection('Live');
  const next = await real.run('ql-harbour');
  await expect(containers.container(next)).toContainText('ql-harbour', { timeout: AT_ONCE });
  await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes');
});
