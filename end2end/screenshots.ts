// Takes the screenshots of the README from the demo engine. Not a test: it only waits until the
// page looks complete.

import path from 'node:path';
import { type Page } from '@playwright/test';
import { type EngineApi } from './support/engine-api';
import { repository } from './support/programs';
import { expect, test } from './support/test';

test.use({ scenario: 'busy', serverArgs: ['--allow-actions'], deviceScaleFactor: 1.5, colorScheme: 'dark' });

const picture = async (page: Page, name: string) => {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path.join(repository, 'docs/images', `${name}.png`), animations: 'disabled' });
};

/** A running, healthy container. */
async function running(engine: EngineApi): Promise<string> {
  return (await engine.list()).find(({ Names }) => Names[0]!.includes('blog-mysql'))!.Id;
}

/** Waits for samples: most meters are above 0, including CPU, which needs two samples. */
const figures = (page: Page) =>
  expect
    .poll(() => page.getByRole('meter', { name: /CPU/i }).evaluateAll((all) => all.filter((meter) => Number(meter.ariaValueNow) > 0).length))
    .toBeGreaterThan(4);

test('cards, dark', async ({ containers, page }) => {
  await containers.open('?view=cards');
  await figures(page);
  await picture(page, 'cards-dark');
});

test.describe('light', () => {
  test.use({ colorScheme: 'light' });
  test('cards, light', async ({ containers, page }) => {
    await containers.open('?view=cards');
    await figures(page);
    await picture(page, 'cards-light');
  });
});

test('table', async ({ containers, page }) => {
  await containers.open('?view=table');
  await figures(page);
  await picture(page, 'table-dark');
});

test('one container', async ({ engine, page }) => {
  const id = await running(engine);
  await page.goto(`/containers/${id}`);
  // Wait for a part of the chart.
  await page.waitForTimeout(30_000);
  await picture(page, 'container-dark');
});

test('logs of two', async ({ engine, page }) => {
  const all = await engine.list();
  const ids = ['-web-', '-api-'].map((part) => all.find(({ Names, State }) => State === 'running' && Names[0]!.includes(part))?.Id);
  await page.goto(`/logs?ids=${ids.filter(Boolean).join(',')}`);
  await expect(page.locator('.log-status').getByText('Live', { exact: true })).toBeVisible();
  await page.waitForTimeout(8_000);
  await picture(page, 'logs-dark');
});

test('why', async ({ containers, page }) => {
  await containers.open('?view=table&state=exited');
  await page.getByRole('link', { name: /^Why\?/ }).first().click();
  await expect(page.getByRole('region', { name: 'Last log lines' })).toBeVisible();
  await page.waitForTimeout(1_000);
  await picture(page, 'why-dark');
});

test('commands', async ({ containers, page }) => {
  await containers.open('?view=table&group=project');
  await figures(page);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to a container' })).toBeFocused();
  await page.keyboard.type('restart');
  await picture(page, 'palette-dark');
});

test.describe('phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  test('phone', async ({ containers, page }) => {
    await containers.open('?view=cards&density=compact');
    await figures(page);
    await picture(page, 'phone-dark');
  });
});

test('real-time test', async ({ containers, page }) => {
  await page.goto('/realtime-test');
  await containers.expectConnection('Live');
  await figures(page);
  await expect(page.getByRole('region', { name: 'Monitoring cost' })).toContainText('/s', { timeout: 15_000 });
  await picture(page, 'realtime-test');
});

test('engine lost', async ({ containers, engine, page }) => {
  await containers.open('?view=cards');
  await figures(page);
  await engine.goAway();
  await expect(containers.trouble).toBeVisible({ timeout: 20_000 });
  await picture(page, 'engine-lost');
});
