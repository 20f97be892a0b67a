// The styleguide: every component in every state, with fixed data, in every theme, on a wide screen
// and on a phone. Checks the structure: nothing overflows, nothing is cut without an ellipsis,
// nothing has no size, and axe finds no violation. Screenshots kept on this machine by `make e2e
// ARGS="specs/frame/styleguide.spec.ts --update-snapshots"` are compared, too; none are in the
// repository, because fonts differ.

import { existsSync } from 'node:fs';
import { type Page } from '@playwright/test';
import { expect, expectAccessible, test } from '../../support/test';

test.use({ serverArgs: ['--styleguide', '--allow-actions'] });

const SECTIONS = ['States', 'Meters', 'Connection', 'Cards and rows', 'Buttons', 'Choices', 'Messages', 'Charts'];
const THEMES = ['light', 'dark', 'contrast'];
const SIZES = [
  { name: 'wide', viewport: { width: 1280, height: 800 } },
  { name: 'phone', viewport: { width: 390, height: 800 } },
];

/** Descriptions of layout problems. */
function flaws(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const name = (element: Element) => {
      const at = element.closest('[role=group][aria-label]')?.getAttribute('aria-label') ?? '';
      return `${at}: ${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} "${element.textContent!.trim().slice(0, 30)}"`;
    };
    const shown = (element: Element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.visually-hidden');
    for (const element of document.querySelectorAll('.styleguide *')) {
      if (!shown(element) || element.closest('svg') !== null) continue;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== '');
      if (box.right > document.documentElement.clientWidth + 1 || box.left < -1) {
        const scrolls = element.closest('.state-filter');
        if (!scrolls) found.push(`sticks out: ${name(element)}`);
      }
      // The number of restarts, then the time, are hidden if a row has no room for health and
      // "Why?"; the tooltip has them.
      const mayGo = element.matches('.status-line__restarts, .status-line__detail');
      if (text && !mayGo && (box.width < 1 || box.height < 1)) found.push(`no size: ${name(element)}`);
      // Cut text needs an ellipsis or a line limit.
      const isCut = element.scrollWidth > element.clientWidth + 1 && ['hidden', 'clip'].includes(style.overflowX);
      if (text && isCut && style.textOverflow !== 'ellipsis') found.push(`cut: ${name(element)}`);
      // Links in text and selection boxes may be smaller if there is room around them: axe checks
      // that.
      if (element.matches('button, input:not(.select-box)')) {
        const target = element.matches('input') ? element.parentElement!.getBoundingClientRect() : box;
        const isInline = style.display === 'inline';
        if (!isInline && (target.width < 24 || target.height < 24)) found.push(`${target.width}×${target.height} target: ${name(element)}`);
      }
    }
    return found;
  });
}

for (const theme of THEMES) {
  for (const { name: size, viewport } of SIZES) {
    test(`${theme}, ${size}`, async ({ context, page, server }, info) => {
      await context.addCookies([{ name: 'theme', value: theme, url: server.url }, { name: 'motion', value: 'paused', url: server.url }]);
      await page.setViewportSize(viewport);
      await page.goto('/styleguide');
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
      for (const section of SECTIONS) await expect(page.getByRole('region', { name: section, exact: true })).toBeVisible();
      await expect(page.getByRole('banner').getByRole('status', { name: 'Connection', exact: true })).toHaveText('Connecting');
      expect(await flaws(page)).toEqual([]);
      await expectAccessible(page);
      const screenshot = `${theme}-${size}.png`;
      if (existsSync(info.snapshotPath(screenshot)) || info.config.updateSnapshots === 'all') {
        await expect(page.locator('.styleguide')).toHaveScreenshot(screenshot);
      } else {
        console.log(`styleguide, ${theme}, ${size}: no screenshot on this machine to compare with`);
      }
    });
  }
}

test('each of the seven states has its own label', async ({ page }) => {
  await page.goto('/styleguide');
  const badges = page.getByRole('group', { name: 'Badges', exact: true });
  for (const word of ['Running', 'Paused', 'Restarting', 'Created', 'Stopped', 'Removing', 'Dead', 'healthy', 'unhealthy', 'starting']) {
    await expect(badges.getByText(word, { exact: true }).first()).toBeVisible();
  }
});

test('each of the four connection states has its own label', async ({ page }) => {
  await page.goto('/styleguide');
  for (const word of ['Live', 'Connecting', 'Reconnecting', 'Static']) {
    const indicator = page.getByRole('group', { name: word, exact: true });
    await expect(indicator.getByRole('status', { name: 'Connection', exact: true })).toHaveText(word);
  }
});

test('other pages do not load the styleguide', async ({ containers, page }) => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  await containers.open();
  expect(requested.filter((url) => url.includes('styleguide'))).toEqual([]);
});
