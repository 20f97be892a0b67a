// Each page in each state, in every theme, on a wide screen and on a phone: axe finds no violation
// of WCAG 2.2 A and AA.

import { RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, expectAccessible, test } from '../../support/test';

test.use({ scenario: 'busy', serverArgs: ['--allow-actions'] });

const PAGES = [
  { name: 'cards', path: '/containers?view=cards' },
  { name: 'compact cards', path: '/containers?view=cards&density=compact' },
  { name: 'table', path: '/containers?view=table' },
  { name: 'nothing found', path: '/containers?q=no-such-thing' },
  { name: 'events', path: '/events' },
  { name: 'no swarm', path: '/swarm' },
  { name: 'real-time test', path: '/realtime-test' },
  { name: 'not found', path: '/no/such/place' },
  ...['overview', 'configuration', 'processes', 'inspect'].map((tab) => ({ name: `a container's ${tab}`, path: `/containers/{id}?tab=${tab}` })),
];
const SIZES = [
  { name: 'wide', viewport: { width: 1280, height: 800 } },
  { name: 'phone', viewport: { width: 360, height: 740 } },
];

const THEMES = [
  { theme: 'light', colorScheme: 'light', contrast: 'no-preference' },
  { theme: 'dark', colorScheme: 'dark', contrast: 'no-preference' },
  { theme: 'light, more contrast', colorScheme: 'light', contrast: 'more' },
  { theme: 'dark, more contrast', colorScheme: 'dark', contrast: 'more' },
] as const;

for (const { theme, colorScheme, contrast } of THEMES) {
  for (const { name: size, viewport } of SIZES) {
    test.describe(`${theme}, ${size}`, () => {
      test.use({ colorScheme, viewport, contextOptions: { contrast } });
      for (const { name, path } of PAGES) {
        test(name, async ({ engine, guard, page }) => {
          guard.expectComplaint(/status of 404/);
          const [first] = await engine.list();
          await page.goto(path.replace('{id}', first!.Id));
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

test('no violations while the engine is not responding', async ({ containers, engine, page }) => {
  await containers.open();
  await engine.goAway();
  await expect(containers.trouble).toContainText('is not responding', { timeout: RECOVERY_TIMEOUT });
  await expectAccessible(page);
});

for (const { theme, colorScheme, contrast } of THEMES) {
  test.describe(`overlays, ${theme}`, () => {
    test.use({ colorScheme, contextOptions: { contrast } });

    test('the command palette has no violations', async ({ containers, page }) => {
      await containers.open();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('web');
      await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible();
      await expectAccessible(page);
    });

    test('the keyboard help has no violations', async ({ containers, page }) => {
      await containers.open();
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectAccessible(page);
    });

    test('the undo toast has no violations', async ({ containers, engine, page }) => {
      const id = await engine.run('lantern');
      await containers.open('?q=lantern');
      await containers.act(id, 'Pause');
      await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
      await expectAccessible(page);
    });
  });
}

test('a confirmation dialog has no violations', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await containers.act(id, 'Kill');
  await expect(containers.confirmation).toBeVisible();
  await expectAccessible(page);
});
