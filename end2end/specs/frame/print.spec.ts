// The printed list: every container, black on white in any theme, without buttons.

import { expect, test } from '../../support/test';

test.use({ scenario: 'busy', serverArgs: ['--allow-actions'] });

for (const view of ['cards', 'table']) {
  test(`${view}: all rows are printed in black on white`, async ({ containers, engine, page }) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await containers.open(`?view=${view}`);
    const count = (await engine.list()).length;
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    await expect(containers.all).toHaveCount(count);
    await expect(page.getByRole('banner')).toBeHidden();
    await expect(containers.search).toBeHidden();
    await expect(page.getByRole('button', { name: /^(Stop|Restart|More actions)/ }).first()).toBeHidden();
    const colors = await containers.all.first().evaluate((element) => {
      const style = getComputedStyle(element.querySelector('a')!);
      return [style.color, getComputedStyle(document.body).backgroundColor];
    });
    expect(colors).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
    // Rows outside of the viewport are printed, too.
    const skipped = await containers.all.evaluateAll((all) => all.filter((element) => getComputedStyle(element).contentVisibility !== 'visible').length);
    expect(skipped).toBe(0);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
  });
}

test.describe('a long list', () => {
  test.use({ scenario: 'thousand' });

  test('is printed in full, including rows outside the viewport', async ({ containers, page }) => {
    await containers.open('?view=table');
    // Before hydration, rows outside of the viewport come from the server.
    await page.waitForFunction(() => performance.getEntriesByName('hydrated').length > 0);
    await expect(containers.connection).toHaveText(/Live/);
    // By tag: with everything rendered there are ten thousand elements, and finding one by role
    // takes seconds.
    const cells = containers.all.last().locator('td, [role=cell]');
    await expect(cells).toHaveCount(1);
    // Repeated: a thousand rows are hydrated over some time, and earlier events are lost.
    await expect(async () => {
      await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
      expect(await cells.count()).toBeGreaterThan(3);
    }).toPass({ timeout: 30_000 });
    // Afterwards rows outside of the viewport are released again.
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    await expect(cells).toHaveCount(1);
  });
});
