// Shortcuts on other keyboard layouts: by the letter, or by the position of the key if the layout
// has no Latin letters.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

type Key = { key: string; code: string; ctrlKey?: boolean; shiftKey?: boolean; isComposing?: boolean; keyCode?: number };

/** A key event of another layout than the test machine's. */
const press = (page: Page, key: Key) =>
  page.evaluate((init) => {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true }));
  }, key);

const palette = (page: Page) => page.getByRole('dialog', { name: 'Commands' });

for (const [layout, key] of Object.entries({ Russian: 'л', Greek: 'κ', Hebrew: 'ל', Arabic: 'ن', Bulgarian: 'к' })) {
  test(`${layout}: Ctrl+K opens the palette`, async ({ containers, page }) => {
    await containers.open();
    await press(page, { key, code: 'KeyK', ctrlKey: true });
    await expect(palette(page)).toBeVisible();
  });
}

test('Russian: letter shortcuts, search and help work', async ({ containers, engine, page }) => {
  await engine.run('lantern');
  await containers.open();
  await press(page, { key: 'о', code: 'KeyJ' });
  await expect(page.locator('.container-name:focus')).toHaveCount(1);
  await press(page, { key: 'ч', code: 'KeyX' });
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1);
  await press(page, { key: 'Escape', code: 'Escape' });
  await press(page, { key: '.', code: 'Slash' });
  await expect(containers.search).toBeFocused();
  await containers.search.blur();
  await press(page, { key: ',', code: 'Slash', shiftKey: true });
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts and motion' });
  await expect(help).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await press(page, { key: 'п', code: 'KeyG' });
  await press(page, { key: 'у', code: 'KeyE' });
  await expect.poll(() => new URL(page.url()).pathname).toBe('/events');
});

test('Dvorak and AZERTY: shortcuts use the letter, not the key position', async ({ containers, page }) => {
  await containers.open();
  await press(page, { key: 't', code: 'KeyK', ctrlKey: true }); // Dvorak
  await press(page, { key: 'z', code: 'Slash' });
  await press(page, { key: '!', code: 'Slash' }); // AZERTY
  await press(page, { key: 'é', code: 'Slash' }); // Canadian French
  await expect(containers.search).not.toBeFocused();
  await expect(palette(page)).toHaveCount(0);
  await press(page, { key: ':', code: 'Period' });
  await press(page, { key: '/', code: 'Period', shiftKey: true }); // AZERTY
  await expect(containers.search).toBeFocused();
  await containers.search.blur();
  await press(page, { key: 'k', code: 'KeyV', ctrlKey: true }); // Dvorak
  await expect(palette(page)).toBeVisible();
});

test('keys pressed in an input method editor are not shortcuts', async ({ containers, page }) => {
  await containers.open();
  await press(page, { key: 'k', code: 'KeyK', ctrlKey: true, isComposing: true });
  await press(page, { key: '/', code: 'Slash', isComposing: true });
  await press(page, { key: 'Process', code: 'Slash', keyCode: 229 });
  await expect(containers.search).not.toBeFocused();
  await expect(palette(page)).toHaveCount(0);
});
