// Each page, each state, in both themes, wide and on a phone: no breach of WCAG 2.2 A and AA that axe can find.

import { BACK_AGAIN } from '../support/limits';
import { expect, expectAccessible, test } from '../support/test';

test.use({ scenario: 'busy', serverArgs: ['--allow-actions'] });

const PAGES = [
  { name: 'cards', path: '/containers?view=cards' },
  { name: 'compact cards', path: '/containers?view=cards&density=compact' },
  { name: 'table', path: '/containers?view=table' },
  { name: 'nothing found', path: '/containers?q=no-such-thing' },
  { name: 'real-time test', path: '/realtime-test' },
  { name: 'not found', path: '/no/such/place' },
];
const SIZES = [
  { name: 'wide', viewport: { width: 1280, height: 800 } },
  { name: 'phone', viewport: { width: 360, height: 740 } },
];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const { name: size, viewport } of SIZES) {
    test.describe(`${colorScheme}, ${size}`, () => {
      test.use({ colorScheme, viewport });
      for (const { name, path } of PAGES) {
        test(name, async ({ guard, page }) => {
          guard.expectComplaint(/status of 404/);
          await page.goto(path);
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
          if (name !== 'not found') await expect(page.getByRole('status', { name: 'Connection', exact: true })).toContainText('Live');
          await expectAccessible(page);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow, 'the page scrolls sideways by this many pixels').toBeLessThanOrEqual(0);
        });
      }
    });
  }
}

test('the engine is lost', async ({ containers, engine, page }) => {
  await containers.open();
  await engine.goAway();
  await expect(containers.trouble).toContainText('is not answering', { timeout: BACK_AGAIN });
  await expectAccessible(page);
});

test('a confirmation', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await containers.act(id, 'Kill');
  await expect(containers.question).toBeVisible();
  await expectAccessible(page);
});
