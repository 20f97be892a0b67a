// The same page on a real Docker Engine: live changes, exit codes, samples, and the daemon killed
// and restarted.

import type { Page } from '@playwright/test';
import { CHANGE_TIMEOUT, RECOVERY_TIMEOUT, ON_SCREEN_P99 } from '../../support/limits';
import { RealEngine, realEngineIsMissing } from '../../support/real-engine';
import { Quaylight } from '../../support/server';
import { expect, test as base } from '../../support/test';

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

// The tests share one engine, so they run one after the other.
test.describe.configure({ mode: 'serial' });

const missing = realEngineIsMissing();
if (missing && process.env.REQUIRE_DOCKER === '1') throw new Error(`REQUIRE_DOCKER=1, but ${missing}`);
test.skip(Boolean(missing), `no real engine: ${missing}`);

test('every state of a container is shown, from creation to removal', async ({ containers, real }) => {
  await containers.open();
  const id = await real.create('ql-lantern');
  await containers.expectState(id, 'created');
  await real.start(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: CHANGE_TIMEOUT });
  await real.pause(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'paused', { timeout: CHANGE_TIMEOUT });
  await real.unpause(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: CHANGE_TIMEOUT });
  await real.rename(id, 'ql-beacon');
  await expect(containers.container(id)).toContainText('ql-beacon', { timeout: CHANGE_TIMEOUT });
  await real.kill(id);
  await expect(containers.container(id)).toHaveAttribute('data-state', 'exited', { timeout: CHANGE_TIMEOUT });
  await expect(containers.container(id)).toContainText('137');
  await real.remove(id);
  await expect(containers.container(id)).toHaveCount(0, { timeout: CHANGE_TIMEOUT });
});

test('CPU and memory of a busy container are shown', async ({ containers, real }) => {
  const id = await real.run('ql-busy', { command: ['sh', '-c', 'yes > /dev/null'], memoryBytes: 64 * 1024 * 1024 });
  await containers.open();
  await expect
    .poll(async () => Number(await containers.meter(id, /CPU/i).getAttribute('aria-valuenow')), { timeout: RECOVERY_TIMEOUT })
    .toBeGreaterThan(10);
  await expect(containers.meter(id, /memory/i)).toHaveAttribute('aria-valuetext', /64(\.0)? ?MiB/);
  await real.remove(id);
});

test('99 of 100 changes to 50 containers are painted in time', async ({ containers, page, real }, info) => {
  test.slow();
  const ids: string[] = [];
  for (let at = 0; at < 50; at += 5) {
    const names = Array.from({ length: 5 }, (_, index) => `ql-crane-${at + index}`);
    ids.push(...(await Promise.all(names.map((name) => real.run(name)))));
  }
  await containers.open('?view=table');
  for (const id of ids) await containers.expectState(id, 'running');
  await noteStates(page);
  const began = Date.now();

  const pairs = ids.flatMap((id, index) => (index % 2 ? [] : [[id, ids[index + 1]!] as const]));
  for (const [killed, paused] of pairs) await real.kill(killed).then(() => real.pause(paused));
  for (const id of ids) await expect(containers.container(id)).toHaveAttribute('data-state', /exited|paused/, { timeout: CHANGE_TIMEOUT });
  for (const [killed, paused] of pairs) await real.start(killed).then(() => real.unpause(paused));
  for (const id of ids) await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: CHANGE_TIMEOUT });

  const reported = await real.events(began);
  const shown = await page.evaluate(() => (globalThis as unknown as Noted).noted);
  const delays = reported.map(({ id, state, at }) => shown[`${id} ${state}`]! - at).sort((one, other) => one - other);
  expect(delays).toHaveLength(100);
  const figures = { median: delays[50]!, p99: delays[98]! };
  info.annotations.push({ type: 'event to painted row, ms', description: JSON.stringify(figures) });
  expect(figures.p99).toBeLessThanOrEqual(ON_SCREEN_P99);
  await Promise.all(ids.map((id) => real.remove(id)));
});

type Noted = { noted: Record<string, number> };

/** Records the time at which the frame with a container's new state was painted. */
async function noteStates(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted: Record<string, number> = ((globalThis as unknown as Noted).noted = {});
    new MutationObserver((changes) => {
      const keys = changes.map(({ target }) => target as HTMLElement).map((row) => `${row.dataset.containerId} ${row.dataset.state}`);
      // The task after the next frame: by then the frame is painted.
      requestAnimationFrame(() => setTimeout(() => keys.forEach((key) => (noted[key] ??= Date.now()))));
    }).observe(document.body, { subtree: true, attributeFilter: ['data-state'] });
  });
}

test('an open page becomes live again after the daemon was killed', async ({ containers, page, real }) => {
  test.skip(!real.isOwn, 'the engine of DOCKER_HOST must not be killed');
  test.slow();
  const id = await real.run('ql-lantern');
  await containers.open();
  await containers.expectState(id, 'running');
  await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'));

  await real.goAway();
  await expect(containers.trouble).toContainText(/engine .* is not responding/i, { timeout: RECOVERY_TIMEOUT });
  await expect(containers.container(id)).toBeVisible();

  await real.comeBack();
  await expect(containers.trouble).toHaveCount(0, { timeout: RECOVERY_TIMEOUT });
  await containers.expectConnection('Live');
  const next = await real.run('ql-harbour');
  await expect(containers.container(next)).toContainText('ql-harbour', { timeout: CHANGE_TIMEOUT });
  await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes');
});
