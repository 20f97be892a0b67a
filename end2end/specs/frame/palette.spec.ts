// The command palette: from any page to a container, an action, or a view of the list, in at most
// three actions.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

// A plain sleep ignores SIGTERM, so stopping it takes the engine's timeout of 10 s.
const ENDS_WHEN_ASKED = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'];

/** Entries of the palette; the selects of the toolbar have options, too. */
const options = (page: Page, how: { name?: string; selected?: boolean } = {}) =>
  page.getByRole('dialog', { name: 'Commands' }).getByRole('option', how);

/** Opens it, and waits until it accepts input. */
async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to a container' })).toBeFocused();
}

test('it opens by keyboard at once, finds by a few letters, and goes there', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Go to a container' });
  await expect(field).toBeFocused();
  await page.keyboard.type('lntrn');
  await expect(options(page).first()).toContainText('lantern');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).pathname).toBe(`/containers/${id}`);
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('it opens by pointer, and a press beside it closes it', async ({ containers, page }) => {
  await containers.open();
  await page.getByRole('button', { name: 'Commands' }).click();
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
  await page.mouse.click(5, 5);
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeHidden();
});

test('it stops a container, and asks before it kills one', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { command: ENDS_WHEN_ASKED });
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
  await expect(containers.question).toContainText('buoy');
  await page.keyboard.press('Escape');
  await expect(containers.question).toBeHidden();
  await containers.expectState(other, 'running');
});

test('which container is eating memory: three actions', async ({ containers, engine, page }) => {
  await engine.run('lantern');
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('memory');
  await page.keyboard.press('Enter');
  await expect.poll(() => containers.query().sort).toBe('memory');
});

test('the log of a container: three actions', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('log lantern');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).pathname).toBe(`/containers/${id}/logs`);
});

test('arrows choose, the field keeps the focus, and assistive technology follows', async ({ containers, page }) => {
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

test('a theme is chosen, and the switch in the header follows', async ({ containers, page }) => {
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('contrast');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'contrast');
  await expect(page.getByRole('radio', { name: 'High contrast' })).toBeChecked();
});

test('the focus is back where it was', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await containers.container(id).getByRole('link').first().focus();
  await openPalette(page);
  await page.keyboard.press('Escape');
  await expect(containers.container(id).getByRole('link').first()).toBeFocused();
});

test('what is not there is said', async ({ containers, page }) => {
  await containers.open();
  await openPalette(page);
  await page.keyboard.type('no such thing at all');
  await expect(page.getByText('No results')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test.describe('read only', () => {
  test.use({ serverArgs: [] });

  test('nothing that changes a container is offered', async ({ containers, engine, page }) => {
    await engine.run('lantern');
    await containers.open();
    await openPalette(page);
    await page.keyboard.type('lantern');
    await expect(options(page, { name: 'Logs of lantern' })).toBeVisible();
    await expect(options(page, { name: 'Stop lantern' })).toHaveCount(0);
  });
});
