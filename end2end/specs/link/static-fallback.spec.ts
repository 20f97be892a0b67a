// The stream is blocked, as behind some proxies: the page says Static, fetches on request and
// periodically, and becomes Live by itself once the stream works.

import { type Page } from '@playwright/test';
import { RECOVERY_TIMEOUT, STATIC_TIMEOUT } from '../../support/limits';
import { expect, test } from '../../support/test';

const STREAM = /\/api\/containers\/stream/;

test.slow();

test.beforeEach(({ guard }) => guard.expectComplaint(/ERR_FAILED/));

const blockStream = (page: Page) => page.route(STREAM, (route) => route.abort());

test('Static: the refresh button fetches the list', async ({ containers, engine, page }) => {
  await blockStream(page);
  await page.goto('/containers');
  await containers.expectConnection('Static', STATIC_TIMEOUT);
  const id = await engine.run('lantern');
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await containers.expectState(id, 'running');
});

test('Static: the list is polled', async ({ containers, engine, page }) => {
  await blockStream(page);
  await page.goto('/containers');
  await containers.expectConnection('Static', STATIC_TIMEOUT);
  const id = await engine.run('lantern');
  await expect(containers.container(id)).toBeVisible({ timeout: STATIC_TIMEOUT });
});

test('Static: becomes Live when the stream works again', async ({ containers, engine, page }) => {
  await blockStream(page);
  await page.goto('/containers');
  await containers.expectConnection('Static', STATIC_TIMEOUT);
  await page.unroute(STREAM);
  await containers.expectConnection('Live', STATIC_TIMEOUT);
  const id = await engine.run('lantern');
  await containers.expectState(id, 'running');
});

test('Static: the reconnect button makes it Live immediately', async ({ containers, page }) => {
  await blockStream(page);
  await page.goto('/containers');
  await containers.expectConnection('Static', STATIC_TIMEOUT);
  await page.unroute(STREAM);
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await containers.expectConnection('Live', RECOVERY_TIMEOUT);
});
