// The command palette: from any page to a container, an action, or a view of the list, in at most
// three actions.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

// A plain sleep ignores SIGTERM, so stopping it takes the engine's timeout of 10 s.
const EXITS_ON_SIGTERM = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'];

/** Entries of the palette; the selects of the toolbar have options, too. */
const options = (page: Page, how: { name?: string; selected?: boolean } = {}) =>
  page.getByRole('dialog', { name: 'Commands' }).getByRole('option', how);

/** Opens it, and waits until it accepts input. */
async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to a container' })).toBeFocused();
}

test('Ctrl+K opens the palette; a few letters and Enter open a container', async ({ containers, engine, page }) => {
  await engine.run('lantern');
  await containers.open();
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Go to a container' });
  await expect(field).toBeFocused();
  await page.keyboard.type('lntrn');
  await expect(options(page).first()).toContainText('lantern');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/containers/lantern');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('a button opens the palette, and a click outside closes it', async ({ containers, page }) => {
  await containers.open();
  await page.getByRole('button', { name: 'Commands' }).click();
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
  await page.mouse.click(5, 5);
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeHidden();
});

test('an action runs from the palette, and killing asks for confirmation', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { command: EXITS_ON_SIGTERM });
  const other = await engine.run('buoy');
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('stop lantern');
  await expect(options(page, { selected: true })).toContainText('Stop lantern');
  await page.keyboard.press('Enter');
  await containers.expectState(id, 'exited');

  await openPalette(page);
  await page.keyboard.type('kill buoy');
  await page.keyboard.press('Enter');
  await expect(containers.confirmation).toContainText('buoy');
  await page.keyboard.press('Escape');
  await expect(containers.confirmation).toBeHidden();
  await containers.expectState(other, 'running');
});

test('sorting by memory takes three actions', async ({ containers, engine, page }) => {
  await engine.run('lantern');
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('memory');
  await page.keyboard.press('Enter');
  await expect.poll(() => containers.query().sort).toBe('memory');
});

test('opening a log takes three actions', async ({ containers, engine, page }) => {
  await engine.run('lantern');
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('log lantern');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/containers/lantern/logs');
});

test('arrow keys select an entry for assistive technology while the field keeps the focus', async ({ containers, page }) => {
  await containers.open();
  await openPalette(page);
  const field = page.getByRole('combobox', { name: 'Go to a container' });
  const active = () => field.getAttribute('aria-activedescendant');
  const first = await active();
  await page.keyboard.press('ArrowDown');
  await expect.poll(active).not.toBe(first);
  await expect(page.locator(`#${await active()}`)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  // Wraps around to the last entry, which is scrolled into view.
  await expect(options(page, { selected: true })).toBeInViewport();
  await expect(field).toBeFocused();
});

test('choosing a theme also updates the switch in the header', async ({ containers, page }) => {
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('contrast');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'contrast');
  await expect(page.getByRole('radio', { name: 'High contrast' })).toBeChecked();
});

test('closing the palette restores the focus', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await containers.container(id).getByRole('link').first().focus();
  await openPalette(page);
  await page.keyboard.press('Escape');
  await expect(containers.container(id).getByRole('link').first()).toBeFocused();
});

test('a search without results says so', async ({ containers, page }) => {
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('no such thing at all');
  await expect(page.getByText('No results')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test.describe('without --allow-actions', () => {
  test.use({ serverArgs: [] });

  test('no actions are offered', async ({ containers, engine, page }) => {
    await engine.run('lantern');
    await containers.open();
    await openPalette(page);
    await page.keyboard.type('lantern');
    await expect(options(page, { name: 'Logs of lantern' })).toBeVisible();
    await expect(options(page, { name: 'Stop lantern' })).toHaveCount(0);
  });
});
