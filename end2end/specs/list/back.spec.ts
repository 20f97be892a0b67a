// Back from a container's page restores the position in a long list; a link to the list leads to
// its top.

import { type Locator } from '@playwright/test';
import { untilStill } from '../../support/still';
import { expect, test } from '../../support/test';

test.use({ scenario: 'quiet:120', viewport: { width: 900, height: 500 } });

/** Maximum difference of a row's position, in pixels: the list may change meanwhile. */
const CLOSE = 30;

for (const view of ['table', 'cards']) {
  test(`${view}: Back restores the scroll position`, async ({ containers, page }) => {
    await containers.open(`?view=${view}&sort=name`);
    await page.evaluate(() => scrollTo(0, 3_000));
    await untilStill(page);
    const id = await page.evaluate(() => {
      const rows = [...document.querySelectorAll('[data-container-id]')];
      return rows.find((row) => row.getBoundingClientRect().top > 150)!.getAttribute('data-container-id')!;
    });
    const top = await topOf(containers.container(id));
    await containers.container(id).getByRole('link').first().click();
    await expect(page.locator(`article[data-container-id="${id}"]`)).toBeVisible();
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);

    await page.goBack();
    await expect(page).toHaveURL(/view=/);
    await untilStill(page);
    await expect.poll(async () => Math.abs((await topOf(containers.container(id))) - top)).toBeLessThan(CLOSE);

    await page.getByRole('navigation').getByRole('link', { name: 'Real-time test' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Containers' }).click();
    await containers.expectConnection('Live');
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  });
}

const topOf = (row: Locator) => row.evaluate((element) => element.getBoundingClientRect().top);
