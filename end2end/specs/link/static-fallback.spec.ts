// The stream is blocked, as behind some proxies: the page says Static, fetches on request and
// periodically, and becomes Live by itself once the stream works.

import { type Page } from '@playwright/test';
import { BACK_AGAIN, FALL_BACK } from '../../support/limits';
import { expect, test } from '../../support/test';

const STREAM = /\/api\/containers\/stream/;

test.slow();

test.beforeEach(({ guard }) => guard.expectComplaint(/ERR_FAILED/));

const blockStream = (page: Page) => page.route(STREAM, (route) => route.abort());

test('Static: refresh by hand', async ({ containers, engine, page }) => {
  await blockStream(page);
  await page.goto('/containers');
  await containers.expectConnection('Static', FALL_BACK);
  const id = await engine.run('lantern');
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await containers.expectState(id, 'running');
});

test('Static: refreshes by itself, too', async ({ containers, engine, page }) => {
  await blockStream(page);
  await page.goto('/containers');
  await containers.expectConnection('Static', FALL_BACK);
  const id = await engine.run('lantern');
  await expect(containers.container(id)).toBeVisible({ timeout: FALL_BACK });
});

test('Static: back to Live by itself', async ({ containers, engine, page }) => {
  await blockStream(page);
  await page.goto('/containers');
  await containers.expectConnection('Static', FALL_BACK);
  await page.unroute(STREAM);
  await containers.expectConnection('Live', FALL_BACK);
  const id = await engine.run('lantern');
  await containers.expectState(id, 'running');
});

test('Static: back to Live at once when asked', async ({ containers, page }) => {
  await blockStream(page);
  await page.goto('/containers');
  await containers.expectConnection('Static', FALL_BACK);
  await page.unroute(STREAM);
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await containers.expectConnection('Live', BACK_AGAIN);
});
