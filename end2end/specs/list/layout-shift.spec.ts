// A crash loop changes texts and colors, but moves neither the toolbar nor any row.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

test.use({ scenario: 'crash-loop:12', serverArgs: ['--allow-actions'] });

/** Several rounds of the crash loop. */
const WATCHED_MILLIS = 20_000;
const SIZES = [{ width: 390, height: 844 }, { width: 1440, height: 900 }];

type Shift = { value: number; what: string[] };

/** Layout shifts during `during`. */
async function shifts(page: Page, during: Promise<unknown>): Promise<Shift[]> {
  await page.evaluate(() => {
    const found: { value: number; what: string[] }[] = [];
    (window as unknown as { shifts: typeof found }).shifts = found;
    type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Node; previousRect: DOMRect; currentRect: DOMRect }[] };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Entry[]) {
        if (entry.hadRecentInput) continue;
        const what = entry.sources.map(({ node, previousRect, currentRect }) => {
          const element = node instanceof Element ? node : node?.parentElement;
          const at = (rect: DOMRect) => `${Math.round(rect.x)},${Math.round(rect.y)}`;
          return `${element?.className} ${at(previousRect)} to ${at(currentRect)}`;
        });
        found.push({ value: entry.value, what });
      }
    }).observe({ type: 'layout-shift' });
  });
  await during;
  return page.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts);
}

for (const view of ['cards', 'table']) {
  for (const viewport of SIZES) {
    test(`${view}, ${viewport.width} px: a crash loop causes no layout shift`, async ({ containers, page }) => {
      test.setTimeout(120_000);
      await page.setViewportSize(viewport);
      await containers.open(`?view=${view}`);
      await expect(containers.all.first()).toBeVisible();
      const states = new Set<string>();
      const during = (async () => {
        const end = Date.now() + WATCHED_MILLIS;
        while (Date.now() < end) {
          for (const state of await containers.all.evaluateAll((all) => all.map((each) => each.getAttribute('data-state')!))) states.add(state);
          await page.waitForTimeout(250);
        }
      })();
      const found = await shifts(page, during);
      expect([...states], 'the loop went on').toEqual(expect.arrayContaining(['running', 'restarting']));
      const total = found.reduce((sum, { value }) => sum + value, 0);
      expect(Number(total.toFixed(2)), JSON.stringify(found, undefined, 1)).toBe(0);
    });
  }
}
