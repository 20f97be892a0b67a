// `/engines` and `/engines/{engine}`.

import { RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, expectAccessible, test } from '../../support/two-engines';

const VIEWPORTS = [
  { size: 'wide', viewport: { width: 1280, height: 800 } },
  { size: 'phone', viewport: { width: 390, height: 844 } },
];

for (const { size, viewport } of VIEWPORTS) {
  test.describe(size, () => {
    test.use({ viewport });

    test('both engines are listed, with what they run', async ({ containers, page, second }) => {
      await second.run('buoy');
      await containers.open();
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Engines' }).click();
      await expect(page).toHaveURL('/engines');
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'b', exact: true }) });
      await expect(row).toContainText('Connected');
      await expect(row).toContainText('Same engine as a');
      await expect(row).toContainText(/\d+ of \d+/);
      await expectAccessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, 'the page scrolls sideways by this many pixels').toBeLessThanOrEqual(0);

      await second.goAway();
      await expect(row).toContainText('Connection lost', { timeout: RECOVERY_TIMEOUT });
      await second.comeBack();
      await expect(row).toContainText('Connected', { timeout: RECOVERY_TIMEOUT });

      await row.getByRole('link', { name: 'b', exact: true }).click();
      await expect(page).toHaveURL('/engines/b');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('b');
      await expectAccessible(page);
      await page.getByRole('link', { name: 'Show its containers' }).click();
      await expect(page).toHaveURL('/containers?q=engine:b');
    });
  });
}

test('an engine that is not configured is not found', async ({ guard, page }) => {
  guard.expectComplaint(/status of 404/);
  const response = await page.goto('/engines/no-such-engine');
  expect(response!.status()).toBe(404);
  await expect(page.getByText('Engine not found')).toBeVisible();
});
