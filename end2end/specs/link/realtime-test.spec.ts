// /realtime-test shows the stream itself: the live list with its samples, and each connection; the
// stream can be paused and resumed.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

const list = (page: Page) => page.getByRole('region', { name: 'Real-time containers' });
const summary = (page: Page) => page.getByRole('region', { name: 'Connection summary' });

test.beforeEach(({ page }) => page.goto('/realtime-test'));

test('the page shows the live list and counts received data', async ({ containers, engine, page }) => {
  await containers.expectConnection('Live');
  const id = await engine.run('lantern');
  await expect(list(page)).toContainText('lantern');
  for (const figure of [/frames/i, /bytes/i, /changes/i, /median/i, /p99/i]) await expect(list(page)).toContainText(figure);
  await engine.remove(id);
  await expect(list(page)).not.toContainText('lantern');
});

test('the stream can be paused and resumed', async ({ containers, engine, page }) => {
  await containers.expectConnection('Live');
  await summary(page).getByRole('button', { name: 'Pause stream' }).click();
  await expect(containers.connection).not.toContainText('Live');
  await engine.run('lantern');
  await summary(page).getByRole('button', { name: 'Resume stream' }).click();
  await containers.expectConnection('Live');
  await expect(list(page)).toContainText('lantern');
});

test('the summary describes both links', async ({ containers, page }) => {
  await containers.expectConnection('Live');
  for (const words of [/server/i, /engine/i, /reconnects/i, /heartbeat/i]) await expect(summary(page)).toContainText(words);
});

test('the monitoring cost is shown and updated', async ({ containers, page }) => {
  await containers.expectConnection('Live');
  const cost = page.getByRole('region', { name: 'Monitoring cost' });
  // A rate needs two readings.
  await expect(cost).toContainText(/Engine calls[\d.]+\/s/, { timeout: 10_000 });
  await expect(cost).toContainText(/Server memory[\d.]+ MiB/);
});
