// The search suggests fields and existing values; the field keeps the role searchbox.

import { type Page } from '@playwright/test';
import { expect, expectAccessible, test } from '../../support/test';

const list = (page: Page) => page.getByRole('listbox', { name: 'Suggestions' });

test.beforeEach(async ({ engine }) => {
  await engine.run('lantern', { labels: { 'com.docker.compose.project': 'harbour', team: 'light house' } });
  await engine.create('buoy');
});

for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 800 }]) {
  test.describe(`${viewport.width} px`, () => {
    test.use({ viewport });

    test('by keyboard: a field is completed, then its value', async ({ containers, page }) => {
      await containers.open();
      await containers.search.focus();
      await expect(list(page)).toBeHidden();
      await containers.search.pressSequentially('proj');
      await expect(list(page).getByRole('option').first()).toHaveText(/^project:/);
      await expectAccessible(page);
      await page.keyboard.press('ArrowDown');
      await expect(containers.search).toHaveAttribute('aria-activedescendant', 'search-suggestion-0');
      await expectAccessible(page);
      await page.keyboard.press('Enter');
      await expect(containers.search).toHaveValue('project:');
      await page.keyboard.press('ArrowDown');
      const active = list(page).getByRole('option', { selected: true });
      for (let step = 0; step < 10 && !/harbour/.test((await active.textContent()) ?? ''); step++) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Tab');
      await expect(containers.search).toHaveValue('project:harbour ');
      await expect(containers.search).toBeFocused();
      await expect(list(page)).toBeHidden();
      await expect(containers.all).toHaveCount(1);
      await expect.poll(() => containers.query().q).toBe('project:harbour ');
    });

    test('by mouse: a value is completed after other words', async ({ containers, page }) => {
      await containers.open();
      await containers.search.focus();
      await containers.search.pressSequentially('lantern label:team=li');
      await list(page).getByRole('option', { name: /light house/ }).click();
      await expect(containers.search).toHaveValue('lantern label:"team=light house" ');
      await expect(containers.search).toBeFocused();
      await expect(containers.all).toHaveCount(1);
    });
  });
}

test('Escape closes the suggestions and keeps the text', async ({ containers, page }) => {
  await containers.open();
  await containers.search.focus();
  await containers.search.pressSequentially('st');
  await expect(list(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(list(page)).toBeHidden();
  await expect(containers.search).toHaveValue('st');
  await expect(containers.search).not.toHaveAttribute('aria-controls', /./);
});

test('ArrowDown in an empty search suggests the fields', async ({ containers, page }) => {
  await containers.open();
  await containers.search.focus();
  // Fetched on focus.
  await expect(containers.search).toHaveAttribute('aria-autocomplete', 'list');
  await page.keyboard.press('ArrowDown');
  await expect(list(page).getByRole('option', { selected: true })).toHaveText(/^state:/);
  await page.getByRole('heading', { level: 1 }).click();
  await expect(list(page)).toBeHidden();
});
