// `/swarm`: services with their tasks, nodes, and changes of both. The simulated swarm has three
// nodes, of which the first is the engine.

import type { Page } from '@playwright/test';
import { CHANGE_TIMEOUT, RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, expectAccessible, test } from '../../support/test';

const VIEWPORTS = [
  { size: 'wide', viewport: { width: 1280, height: 800 } },
  { size: 'phone', viewport: { width: 390, height: 844 } },
];

const service = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Services' }).getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) });
const node = (page: Page, name: string) => page.getByRole('table', { name: 'Nodes' }).getByRole('row').filter({ hasText: name });

async function open(page: Page): Promise<void> {
  await page.goto('/swarm');
  await expect(service(page, 'shop_web')).toContainText('4 of 4', { timeout: RECOVERY_TIMEOUT });
}

test.describe('a swarm', () => {
  test.use({ scenario: 'swarm', serverArgs: ['--allow-actions'] });

  for (const { size, viewport } of VIEWPORTS) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test.describe(`${size}, ${colorScheme}`, () => {
        test.use({ viewport, colorScheme });

        test('services, tasks and nodes are shown', async ({ page }) => {
          await open(page);
          await expect(service(page, 'shop_web')).toContainText('stack shop');
          await expect(service(page, 'shop_web')).toContainText('8080 → 80/tcp');
          await expect(service(page, 'agent')).toContainText('3 of 3 global');
          await expect(node(page, 'harbour-1')).toContainText('manager, leader');
          await expect(node(page, 'harbour-2')).toContainText('not linked');
          await page.getByRole('button', { name: 'shop_web', exact: true }).click();
          const tasks = page.getByRole('table', { name: 'Tasks' });
          await expect(tasks.getByRole('row').filter({ hasText: 'harbour-2' })).toContainText('no numbers: node not linked');
          // On a linked node, with the numbers of its container.
          const joined = tasks.getByRole('row').filter({ hasText: 'harbour-1' }).first().getByRole('link');
          await expect(joined).toContainText(/%, .*iB/, { timeout: RECOVERY_TIMEOUT });
          await expect(page.getByRole('link', { name: 'Logs of 2 tasks' })).toHaveAttribute('href', /^\/logs\?ids=[0-9a-f]{64},[0-9a-f]{64}$/);
          await expectAccessible(page);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow, 'the page scrolls sideways by this many pixels').toBeLessThanOrEqual(0);
          await joined.click();
          await expect(page.getByRole('heading', { level: 1 })).toContainText('shop_web.');
        });
      });
    }
  }

  test('the header leads there', async ({ containers, page }) => {
    await containers.open();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Swarm' }).click();
    await expect(page).toHaveURL('/swarm');
    await expect(page).toHaveTitle(/Swarm/);
  });

  test('a service is scaled, and a task that ends is replaced', async ({ engine, page }) => {
    await open(page);
    await service(page, 'shop_web').getByRole('button', { name: 'Scale…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Scale shop_web?' });
    await expect(dialog.getByRole('spinbutton', { name: 'Replicas' })).toHaveValue('4');
    await dialog.getByRole('spinbutton', { name: 'Replicas' }).fill('8');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Scale' }).click();
    await expect(service(page, 'shop_web')).toContainText('8 of 8', { timeout: CHANGE_TIMEOUT });
    await expect(dialog).toBeHidden();

    await page.getByRole('button', { name: 'shop_web', exact: true }).click();
    const [victim] = (await engine.list()).filter(({ Names }) => Names[0]!.startsWith('/shop_web.'));
    await engine.crash(victim!.Id, { exitCode: 137 });
    const failed = page.getByRole('table', { name: 'Tasks' }).getByRole('row').filter({ hasText: 'failed' });
    await expect(failed).toContainText('non-zero exit (137)', { timeout: CHANGE_TIMEOUT });
    await expect(service(page, 'shop_web')).toContainText('8 of 8');
  });

  test('scaling to 0, a restart and a rollback are confirmed', async ({ page }) => {
    await open(page);
    await service(page, 'shop_db').getByRole('button', { name: 'Scale…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('spinbutton').fill('0');
    await expect(dialog).toContainText('All its tasks are stopped.');
    await page.keyboard.press('Escape');
    await expect(service(page, 'shop_db')).toContainText('1 of 1');

    await service(page, 'shop_db').getByRole('button', { name: 'Restart…' }).click();
    await expect(dialog).toContainText('replaced by new ones');
    await dialog.getByRole('button', { name: 'Restart' }).click();
    await service(page, 'shop_db').getByRole('button', { name: 'Roll back…' }).click();
    await dialog.getByRole('button', { name: 'Roll back' }).click();
    await expect(service(page, 'shop_db')).toContainText('rolled back', { timeout: CHANGE_TIMEOUT });
  });

  test('a node is drained and activated', async ({ page }) => {
    await open(page);
    await node(page, 'harbour-3').getByRole('button', { name: 'Drain…' }).click();
    await page.getByRole('dialog', { name: 'Drain harbour-3?' }).getByRole('button', { name: 'Drain' }).click();
    await expect(node(page, 'harbour-3')).toContainText('drain', { timeout: CHANGE_TIMEOUT });
    await expect(service(page, 'agent')).toContainText('2 of 2');
    await node(page, 'harbour-3').getByRole('button', { name: 'Activate' }).click();
    await expect(service(page, 'agent')).toContainText('3 of 3', { timeout: CHANGE_TIMEOUT });
  });

  test('what cannot be polled stays, with the reason', async ({ engine, page }) => {
    await open(page);
    await engine.goAway();
    await expect(page.getByText('Could not be polled since:')).toBeVisible({ timeout: RECOVERY_TIMEOUT });
    await expect(service(page, 'shop_web')).toContainText('4 of 4');
    await expectAccessible(page);
    await engine.comeBack();
    await expect(page.getByText('Could not be polled since:')).toBeHidden({ timeout: RECOVERY_TIMEOUT });
  });
});

test.describe('a read-only server', () => {
  test.use({ scenario: 'swarm' });

  test('offers no changes', async ({ page }) => {
    await open(page);
    await expect(page.getByRole('button', { name: /…$/ })).toHaveCount(0);
  });
});

test('without a manager, the page says what to do', async ({ containers, page }) => {
  await containers.open();
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Swarm' })).toHaveCount(0);
  await page.goto('/swarm');
  await expect(page.getByRole('heading', { name: 'No linked engine is a Swarm manager' })).toBeVisible();
  await expectAccessible(page);
});
