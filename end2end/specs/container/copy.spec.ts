// "Copy …" works without the clipboard API, which browsers have on secure pages only, and shows the
// text if copying fails.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

/** As over plain HTTP from another machine. */
const withoutClipboard = (page: Page) =>
  page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined, configurable: true }));

test('over plain HTTP, the older execCommand copies', async ({ containers, engine, page }) => {
  await withoutClipboard(page);
  const id = await engine.run('lantern');
  await containers.open();
  await page.goto(`/containers/${id}`);
  await containers.expectConnection('Live');
  const button = page.getByRole('button', { name: 'Copy id' });
  await button.click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeFocused();
  await expect(button).toBeVisible();
  await page.goto('/containers');
  await containers.expectConnection('Live');
  await containers.search.focus();
  await page.keyboard.press('Control+v');
  await expect(containers.search).toHaveValue(id);
});

test('if copying is not allowed, the text is shown and selected', async ({ engine, page, containers }) => {
  await withoutClipboard(page);
  await page.addInitScript(() => { document.execCommand = () => false; });
  const id = await engine.run('lantern');
  await containers.open();
  await page.goto(`/containers/${id}`);
  await containers.expectConnection('Live');
  await page.getByRole('button', { name: 'Copy id' }).click();
  await expect(page.getByRole('button', { name: 'Press Ctrl+C or ⌘C to copy' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Text to copy' })).toHaveText(id);
  await expect.poll(() => page.evaluate(() => getSelection()!.toString().trim())).toBe(id);
});
