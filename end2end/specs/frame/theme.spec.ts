// Light, dark, or the system's theme; the choice is remembered, and applies from the first paint.

import { expect, test } from '../../support/test';

const background = (page: import('@playwright/test').Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

test("the page uses the system's color scheme by default", async ({ containers, page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await containers.open();
  const light = await background(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => background(page)).not.toBe(light);
});

test('a chosen theme is kept after a reload and rendered by the server', async ({ containers, page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await containers.open();
  const light = await background(page);
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  await expect.poll(() => background(page)).not.toBe(light);
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test("high contrast is black on white or white on black, following the system's color scheme", async ({ containers, page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await containers.open();
  await page.getByRole('radio', { name: 'High contrast' }).check({ force: true });
  await expect.poll(() => background(page)).toBe('rgb(255, 255, 255)');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => background(page)).toBe('rgb(0, 0, 0)');
});

test('high contrast is used if the system prefers more contrast', async ({ containers, page }) => {
  await page.emulateMedia({ colorScheme: 'dark', contrast: 'more' });
  await containers.open();
  await expect.poll(() => background(page)).toBe('rgb(0, 0, 0)');
});
