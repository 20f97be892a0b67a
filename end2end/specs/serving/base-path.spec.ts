// Behind a proxy with a base path: the page is live, and every URL it creates is below the base
// path.

import { expect, test as base } from '@playwright/test';
import { Guard } from '../../support/guard';
import { Quaylight } from '../../support/server';

type Fixtures = { guard: Guard; quay: string; foreign: string[] };

const test = base.extend<Fixtures>({
  guard: async ({}, use) => use(new Guard()),

  quay: async ({ context, guard }, use) => {
    const server = await Quaylight.start('demo:quiet:5', ['--base-path', '/quaylight/', '--allow-actions']);
    await guard.watch(context, server.url);
    await use(`${server.url}/quaylight`);
    guard.verify();
    await server.end();
  },

  // Requests to this server outside of the base path.
  foreign: async ({ context, quay }, use) => {
    const foreign: string[] = [];
    context.on('request', (request) => {
      const url = request.url();
      if (url.startsWith(new URL(quay).origin) && !url.startsWith(`${quay}/`)) foreign.push(url);
    });
    await use(foreign);
    expect(foreign).toEqual([]);
  },
});

test.beforeEach(({ foreign: _ }) => {});

test('the list is live, and links, shortcuts and the palette stay below the base path', async ({ page, quay }) => {
  await page.goto(`${quay}/`);
  await expect(page).toHaveURL(`${quay}/containers`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText(/Live/);
  await page.getByRole('searchbox', { name: 'Search containers' }).fill('shop');
  await expect(page).toHaveURL(new RegExp(`^${quay}/containers\\?.*q=shop`));
  await page.getByRole('link', { name: 'Events', exact: true }).click();
  await expect(page).toHaveURL(`${quay}/events`);
  await expect(page.getByRole('link', { name: 'Events', exact: true })).toHaveAttribute('aria-current', 'page');
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(`^${quay}/containers\\?.*q=shop`));
  await page.keyboard.press('Escape');
  await page.locator('body').press('Control+k');
  await page.keyboard.type('Real-time test');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${quay}/realtime-test`);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Connection summary' })).toBeVisible();
});

test('a container, its log and an action work below the base path', async ({ page, quay }) => {
  await page.goto(`${quay}/containers`);
  const row = page.locator('[data-container-id][data-state="running"]').first();
  const id = await row.getAttribute('data-container-id');
  const name = await row.getByRole('link').first().textContent();
  await row.getByRole('link').first().click();
  await expect(page).toHaveURL(`${quay}/containers/${name}`);
  await page.goto(`${quay}/containers/${id}/logs`);
  await expect(page.getByText('Live').first()).toBeVisible();
  const paused = await page.request.post(`${quay}/api/containers/${id}/pause`);
  expect(paused.status()).toBe(204);
  await page.goto(`${quay}/containers`);
  await expect(page.locator(`[data-container-id="${id}"]`)).toHaveAttribute('data-state', 'paused');
});

test('an unknown page below the base path returns 404', async ({ page, quay, guard }) => {
  guard.expectComplaint(/status of 404/);
  const response = await page.goto(`${quay}/nowhere`);
  expect(response?.status()).toBe(404);
  await page.getByRole('link', { name: 'Show all containers' }).click();
  await expect(page).toHaveURL(`${quay}/containers`);
});
