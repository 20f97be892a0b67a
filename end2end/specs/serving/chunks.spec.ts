// Pages in chunks: fetched on demand, or before hydration for the first page; the app keeps working
// if a chunk cannot be fetched.

import { type Page } from '@playwright/test';
import { LogPage } from '../../support/log-page';
import { expect, test } from '../../support/test';

const CHUNKS = '**/pkg/split_*.wasm';

/** The chunks that a page has fetched so far. */
function fetched(page: Page): string[] {
  const chunks: string[] = [];
  page.on('request', (request) => {
    const chunk = /\/pkg\/split_(\w+)\./.exec(request.url());
    // The chunk for keyboard shortcuts is always fetched, some seconds after the page.
    if (chunk && chunk[1] !== 'quick_parts') chunks.push(chunk[1]!);
  });
  return chunks;
}

test('the list fetches chunks of other pages only when they are opened', async ({ containers, page }) => {
  const chunks = fetched(page);
  await containers.open();
  expect(chunks).toEqual([]);

  await page.getByRole('navigation').getByRole('link', { name: 'Real-time test' }).click();
  await expect(page.getByRole('region', { name: 'Connection summary' })).toBeVisible();
  await page.goBack();
  await containers.all.first().getByRole('link').first().click();
  await expect(page.getByRole('article').getByRole('heading', { level: 1 })).toBeVisible();
  expect([...new Set(chunks)].sort()).toEqual(['container_page', 'realtime_test_page']);
});

for (const path of ['/realtime-test', '/containers/{id}']) {
  test(`${path} is hydrated as the first page`, async ({ containers, engine, page }) => {
    const [first] = await engine.list();
    await page.goto(path.replace('{id}', first!.Id));
    await containers.expectConnection('Live');
    await expect(page.locator(`[data-container-id="${first!.Id}"]`).first()).toBeVisible();
  });
}

test('the log page is hydrated as the first page, and fetched when opened from the list', async ({ containers, engine, page }) => {
  const [first] = await engine.list();
  const log = new LogPage(page);
  await log.open(first!.Id);
  await page.getByRole('link', { name: 'Containers' }).first().click();
  await containers.container(first!.Id).getByRole('link', { name: /^Logs of / }).click();
  await expect(log.region).toBeVisible();
});

test('a page whose chunk cannot be fetched shows an error and can be retried', async ({ containers, guard, page }) => {
  guard.expectComplaint(/ERR_FAILED|split_|Failed to fetch/);
  await containers.open();
  await page.route(CHUNKS, (route) => route.abort());
  await page.getByRole('navigation').getByRole('link', { name: 'Real-time test' }).click();
  await expect(page.getByText('This page could not be loaded')).toBeVisible();
  await containers.expectConnection('Live');

  await page.unroute(CHUNKS);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('region', { name: 'Connection summary' })).toBeVisible();
});

test('a palette whose chunk could not be fetched opens with the next request', async ({ containers, guard, page }) => {
  guard.expectComplaint(/ERR_FAILED|split_|Failed to fetch/);
  await page.route(CHUNKS, (route) => route.abort());
  await containers.open();
  const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('split_quick_parts'));
  await page.keyboard.press('Control+k');
  await failed;
  await page.unroute(CHUNKS);
  await expect(async () => {
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: 'Go to a container' })).toBeFocused({ timeout: 2_000 });
  }).toPass();
});

test('a first page whose chunk is late stays readable until it is hydrated', async ({ containers, guard, page }) => {
  guard.expectComplaint(/ERR_FAILED|split_|Failed to fetch/);
  await page.route(CHUNKS, (route) => route.abort());
  await page.goto('/realtime-test');
  await expect(page.getByRole('region', { name: 'Connection summary' })).toBeVisible();
  await page.waitForRequest(CHUNKS);
  await page.unroute(CHUNKS);
  await containers.expectConnection('Live');
});
