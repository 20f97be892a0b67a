// /events shows events of containers as they happen; its choices are in the URL.

import { type Page } from '@playwright/test';
import { SERVER_IS_DOWN } from '../../support/guard';
import { RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, expectAccessible, test } from '../../support/test';

/** Entries about a container, newest first. */
const entries = (page: Page, id: string) => page.locator(`[data-event-container="${id}"]`);
const what = (page: Page) => page.getByRole('group', { name: 'Kind' });

async function open(page: Page, query = ''): Promise<void> {
  await page.goto(`/events${query}`);
  await expect(page.getByRole('main').getByText('Live', { exact: true })).toBeVisible();
}

test('events appear as they happen, with cause and exit code in words', async ({ engine, page }) => {
  const id = await engine.create('lantern');
  await open(page);
  await expect(entries(page, id)).toHaveText([/Created.*lantern.*alpine/]);
  await engine.start(id);
  await expect(entries(page, id).first()).toContainText('Started');
  await engine.crash(id, { exitCode: 139 });
  await expect(entries(page, id).first()).toContainText('Failed');
  await expect(entries(page, id).first()).toContainText('Exit code 139: segmentation fault (SIGSEGV)');
  await engine.start(id);
  await engine.stop(id);
  // The signals and the stop are merged into one entry.
  await expect(entries(page, id)).toHaveText([/Stopped by request/, /Started/, /Failed/, /Started/, /Created/]);
  await expect(page.getByText(/^Recorded since \d{4}-\d\d-\d\d/)).toBeVisible();
  await expectAccessible(page);

  await entries(page, id).first().getByRole('link', { name: 'lantern' }).click();
  await expect(page).toHaveURL('/containers/lantern');
});

test('filters by kind, words and container are in the URL', async ({ engine, page }) => {
  const lantern = await engine.run('lantern', { labels: { 'com.docker.compose.project': 'harbour' } });
  const anchor = await engine.run('anchor');
  await engine.crash(anchor, { outOfMemory: true });
  await open(page);
  await expect(entries(page, anchor).first()).toContainText('Ran out of memory');

  await what(page).getByRole('link', { name: 'Problems' }).click();
  await expect(page).toHaveURL(/show=trouble/);
  await expect(entries(page, lantern)).toHaveCount(0);
  await expect(entries(page, anchor)).toHaveCount(1);

  await what(page).getByRole('link', { name: 'All' }).click();
  await page.getByRole('searchbox', { name: 'Search events' }).fill('project:harbour started');
  await expect(page).toHaveURL(/q=project:harbour\+started/);
  await expect(entries(page, lantern)).toHaveText([/Started/]);
  await expect(entries(page, anchor)).toHaveCount(0);

  await open(page, `?container=${anchor}&show=starts`);
  await expect(page.getByText('Only anchor')).toBeVisible();
  await expect(entries(page, anchor)).toHaveText([/Started/]);
  await expect(entries(page, lantern)).toHaveCount(0);
  await page.getByRole('link', { name: 'Show all containers' }).click();
  await expect(entries(page, lantern)).toHaveText([/Started/]);
});

test('events during an interruption are shown afterwards', async ({ engine, guard, page, server }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  const id = await engine.run('lantern');
  await open(page);
  await expect(entries(page, id)).toHaveCount(2);
  await server.kill();
  await expect(page.getByText('Interrupted; reconnecting…')).toBeVisible();
  await engine.crash(id, { exitCode: 7 });
  await server.startAgain();
  await expect(entries(page, id).first()).toContainText('Exit code 7', { timeout: RECOVERY_TIMEOUT });
  await expect(entries(page, id)).toHaveCount(3);
});

test('more than 150 events are shown in parts', async ({ engine, page }) => {
  const id = await engine.run('lantern');
  for (let turn = 0; turn < 120; turn += 1) {
    await engine.pause(id);
    await engine.unpause(id);
  }
  await open(page);
  const all = page.locator('[data-event-container]');
  await expect(all).toHaveCount(150);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect.poll(() => entries(page, id).count()).toBe(242);
});

test('a filter without matches says so', async ({ page }) => {
  await open(page, '?q=no-such-thing');
  await expect(page.getByText('No matching events')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Show all events' }).click();
  await expect(page).toHaveURL(/\/events$/);
  await expect(page.locator('[data-event-container]').first()).toBeVisible();
});

test('a returning user sees a summary of the time since the last visit', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  const hungry = await engine.run('hungry');
  await engine.kill(id);
  await engine.crash(hungry, { outOfMemory: true });
  // The last visit was ten minutes ago.
  await page.addInitScript(() => {
    if (!sessionStorage.getItem('came back')) localStorage.setItem('quaylight-seen', String(Date.now() - 600_000));
    sessionStorage.setItem('came back', 'yes');
  });
  await containers.open();
  const line = page.getByRole('region', { name: 'Since your last visit' });
  await expect(line).toContainText('Since your last visit (10 min ago):');
  await expect(line).toContainText(/\d+ stopped, 1 out of memory/);
  await expectAccessible(page);
  await line.getByRole('link', { name: 'Show' }).click();
  await expect(page).toHaveURL(/\/events\?since=/);
  await expect(entries(page, hungry).first()).toContainText('Ran out of memory');
  await page.goBack();
  await containers.expectConnection('Live');
  await expect(line).toHaveCount(0);

  await page.reload();
  await containers.expectConnection('Live');
  await expect(line).toHaveCount(0);
});

test('the summary can be dismissed', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await engine.kill(id);
  await page.addInitScript(() => localStorage.setItem('quaylight-seen', String(Date.now() - 600_000)));
  await containers.open();
  const line = page.getByRole('region', { name: 'Since your last visit' });
  await line.getByRole('button', { name: 'Dismiss' }).click();
  await expect(line).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [360, 900, 1280]) {
    test.describe(`${colorScheme}, ${width}`, () => {
      test.use({ colorScheme, viewport: { width, height: 740 }, scenario: 'crash-loop' });
      test('nothing overflows, and axe finds no violations', async ({ page }) => {
        await open(page);
        await expect(page.getByText('Restarted by its restart policy').first()).toBeVisible({ timeout: 30_000 });
        await expectAccessible(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
        const covering = await page.locator('[data-event-container] > *').evaluateAll((cells) =>
          cells.filter((cell) => cell.scrollWidth > cell.clientWidth && getComputedStyle(cell).overflowX === 'visible').map((cell) => cell.textContent),
        );
        expect(covering, 'cells whose text covers the next cell').toEqual([]);
      });
    });
  }
}
