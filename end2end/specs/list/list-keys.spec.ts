// Keyboard use of the list: one tab stop, arrow keys and letters inside, and no shortcuts while
// typing.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

/** Six containers in order of their names, and the page with their list. */
test.beforeEach(async ({ engine }) => {
  for (const { Id } of await engine.list()) await engine.remove(Id);
  for (const number of [1, 2, 3, 4, 5, 6]) await engine.run(`ship-${number}`);
});

/** The focused container and element. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement!;
    const row = element.closest('[data-container-id]');
    const name = row?.querySelector('a')?.textContent?.trim();
    return row ? `${name}: ${element.getAttribute('aria-label') ?? element.textContent!.trim()}` : element.tagName;
  });

/** Waits for the chunk with the keyboard shortcuts. */
async function shortcutsAreLoaded(page: Page): Promise<void> {
  await expect(page.locator('[data-announcements]')).toBeAttached({ timeout: 20_000 });
}

for (const view of ['cards', 'table']) {
  test.describe(view, () => {
    test('j and k move between containers, and Enter opens one', async ({ containers, page }) => {
      await containers.open(`?view=${view}&sort=name`);
      // The first key press loads its handler, and is not lost.
      await page.keyboard.press('j');
      await expect.poll(() => focused(page)).toBe('ship-1: ship-1');
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      expect(await focused(page)).toBe('ship-3: ship-3');
      await page.keyboard.press('k');
      expect(await focused(page)).toBe('ship-2: ship-2');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('article').getByRole('heading', { level: 1 })).toHaveText('ship-2');
    });

    test('Home, End and arrow keys move the focus', async ({ containers, page }) => {
      await containers.open(`?view=${view}&sort=name`);
      await page.keyboard.press('j');
      await expect.poll(() => focused(page)).toBe('ship-1: ship-1');
      await page.keyboard.press('End');
      expect(await focused(page)).toBe('ship-6: ship-6');
      await page.keyboard.press('Home');
      expect(await focused(page)).toBe('ship-1: ship-1');
      await page.keyboard.press('ArrowUp');
      expect(await focused(page), 'no row above the first').toBe('ship-1: ship-1');
      const passed = [];
      while (passed.at(-1) !== 'ship-1: Restart ship-1' && passed.length < 6) {
        await page.keyboard.press('ArrowRight');
        passed.push(await focused(page));
      }
      for (const part of ['Select', 'Logs of', 'Stop', 'Restart']) expect(passed).toContain(`ship-1: ${part} ship-1`);
      for (const _ of passed) await page.keyboard.press('ArrowLeft');
      expect(await focused(page)).toBe('ship-1: ship-1');
    });

    test('the list is one tab stop and remembers the focused container', async ({ containers, page }) => {
      await containers.open(`?view=${view}&sort=name`);
      await shortcutsAreLoaded(page);
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      expect(await focused(page)).toBe('ship-2: ship-2');
      await page.keyboard.press('Shift+Tab');
      expect(await focused(page), 'out of the list').not.toContain('ship-');
      await page.keyboard.press('Tab');
      expect(await focused(page), 'back where it was').toBe('ship-2: ship-2');
      await page.keyboard.press('Tab');
      expect(await focused(page), 'out of the list at the other end').not.toContain('ship-');
    });
  });
}

test('cards: up and down move to the card above or below', async ({ containers, page }) => {
  await containers.open('?view=cards&sort=name');
  const lefts = await containers.all.evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().left));
  const columns = new Set(lefts).size;
  expect(columns, 'more than one card in a line').toBeGreaterThan(1);
  await page.keyboard.press('j');
  await expect.poll(() => focused(page)).toBe('ship-1: ship-1');
  await page.keyboard.press('ArrowDown');
  expect(await focused(page)).toBe(`ship-${1 + columns}: ship-${1 + columns}`);
  await page.keyboard.press('ArrowUp');
  expect(await focused(page)).toBe('ship-1: ship-1');
});

test('rows: ArrowDown keeps the column of the focused element', async ({ containers, page }) => {
  await containers.open('?view=table&sort=name');
  await page.keyboard.press('j');
  await expect.poll(() => focused(page)).toBe('ship-1: ship-1');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  expect(await focused(page)).toBe('ship-2: Select ship-2');
});

test('groups: the arrow keys also stop at headings', async ({ containers, engine, page }) => {
  await engine.run('boat', { labels: { 'com.docker.compose.project': 'fleet' } });
  await containers.open('?view=table&group=project');
  await page.keyboard.press('j');
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('.group-heading')?.textContent)).toContain('fleet');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => focused(page)).toBe('boat: boat');
});

test('keys typed into the search are not shortcuts', async ({ containers, page }) => {
  await containers.open();
  await shortcutsAreLoaded(page);
  await page.keyboard.press('/');
  await expect(containers.search).toBeFocused();
  await page.keyboard.type('jk?gl');
  await expect(containers.search).toHaveValue('jk?gl');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('an update does not move the focus', async ({ containers, engine, page }) => {
  await containers.open('?view=table&sort=name');
  await page.keyboard.press('j');
  await expect.poll(() => focused(page)).toBe('ship-1: ship-1');
  await page.keyboard.press('ArrowRight');
  const { Id } = (await engine.list()).find(({ Names }) => Names[0] === '/ship-1')!;
  await engine.rename(Id, 'ship-0');
  await expect(containers.container(Id)).toContainText('ship-0');
  expect(await focused(page)).toContain('ship-0');
});

test('g followed by a letter opens a page', async ({ containers, page }) => {
  await containers.open();
  await shortcutsAreLoaded(page);
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Real-time test');
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Containers');
});

test('l opens the log of the focused container', async ({ containers, page }) => {
  await containers.open('?sort=name');
  await page.keyboard.press('j');
  await expect.poll(() => focused(page)).toBe('ship-1: ship-1');
  await page.keyboard.press('l');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/containers/ship-1/logs');
});

test('the help lists the shortcuts, and its choice to pause motion is remembered', async ({ containers, page }) => {
  await containers.open();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts and motion' });
  await expect(help).toContainText("Open the container's log");
  const motion = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--motion').trim());
  expect(await motion()).not.toBe('0s');
  await help.getByRole('switch', { name: 'Pause motion' }).check();
  expect(await motion()).toBe('0s');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-motion', 'paused');
});

test('if the system prefers reduced motion, nothing moves until the user allows it', async ({ containers, page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await containers.open();
  const motion = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--motion').trim());
  expect(await motion()).toBe('0s');
  await page.keyboard.press('?');
  const pause = page.getByRole('switch', { name: 'Pause motion' });
  await expect(pause).toBeChecked();
  await pause.uncheck();
  expect(await motion()).not.toBe('0s');
});
