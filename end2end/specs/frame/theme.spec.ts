// Light, dark, or the system's theme; the choice is remembered, and applies from the first paint.

import { expect, test } from '../../support/test';

const background = (page: import('@playwright/test').Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

test('the page follows the system', async ({ containers, page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await containers.open();
  const light = await background(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => background(page)).not.toBe(light);
});

test('a choice outlives a reload, on the server, too', async ({ containers, page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await containers.open();
  const light = await background(page);
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  await expect.poll(() => background(page)).not.toBe(light);
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('high contrast is black on white or white on black, as the system has it', async ({ containers, page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await containers.open();
  await page.getByRole('radio', { name: 'High contrast' }).check({ force: true });
  await expect.poll(() => background(page)).toBe('rgb(255, 255, 255)');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => background(page)).toBe('rgb(0, 0, 0)');
});

test('the system can ask for more contrast', async ({ containers, page }) => {
  await page.emulateMedia({ colorScheme: 'dark', contrast: 'more' });
  await containers.open();
  await expect.poll(() => background(page)).toBe('rgb(0, 0, 0)');
});
