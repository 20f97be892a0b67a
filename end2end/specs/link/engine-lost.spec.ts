// The engine is lost while a page is open, and comes back: rows stay, dimmed; the indicator names
// the engine, not the server; and the page becomes live again without a reload.

import { type ContainersPage } from '../../support/containers-page';
import { RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, test } from '../../support/test';

test('rows are kept but dimmed while the engine is gone, and updated when it is back', async ({ containers, engine, page }) => {
  await containers.open();
  await expect(containers.all.first()).toBeVisible();
  const before = await containers.order();
  await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'));
  const fresh = await nameColor(containers);

  await engine.goAway();
  await expect(containers.trouble).toContainText(/engine .* is not responding/i, { timeout: RECOVERY_TIMEOUT });
  expect(await containers.order()).toEqual(before);
  await expect.poll(() => nameColor(containers)).not.toBe(fresh);
  // The page's own connection works: the indicator shows the engine's problem.
  await containers.expectConnection('Live');
  await expect(containers.connection).toHaveText('Live');
  await expect(containers.connection).toHaveCSS('font-weight', '400');
  const banner = page.getByRole('banner');
  await expect(banner.getByText(/engine .* is not responding/)).toHaveCSS('font-weight', '600');
  await expect(banner.getByText('(server only)')).toBeVisible();

  await engine.comeBack();
  await expect(containers.trouble).toHaveCount(0, { timeout: RECOVERY_TIMEOUT });
  await containers.expectConnection('Live');
  await expect.poll(() => nameColor(containers)).toBe(fresh);
  const id = await engine.run('lantern');
  await expect(containers.container(id)).toBeVisible();
  await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes');
});

test('outdated stats are dimmed, and hidden after half a minute', async ({ containers, engine, page }) => {
  test.setTimeout(120_000);
  const id = await engine.run('lantern');
  await containers.open();
  await expect(containers.meter(id, /CPU/)).toBeVisible();
  const list = page.locator('.container-list');
  await expect(list).not.toHaveClass(/container-list--aged/);

  await engine.freeze();
  await expect(list).toHaveClass(/container-list--aged/);
  await expect(containers.meter(id, /CPU/)).toBeVisible();
  await expect(containers.meter(id, /CPU/)).toHaveCount(0, { timeout: 40_000 });
  await expect(containers.container(id)).toContainText('The newest sample is too old');

  await engine.comeBack();
  await expect(containers.meter(id, /CPU/)).toBeVisible({ timeout: RECOVERY_TIMEOUT });
  await expect(list).not.toHaveClass(/container-list--aged/);
});

test('a frozen engine is reported until it responds again', async ({ containers, engine }) => {
  await containers.open();
  await expect(containers.all.first()).toBeVisible();
  const before = await containers.order();

  await engine.freeze();
  await expect(containers.trouble).toContainText(/engine .* is not responding/i, { timeout: RECOVERY_TIMEOUT });
  expect(await containers.order()).toEqual(before);

  await engine.comeBack();
  await expect(containers.trouble).toHaveCount(0, { timeout: RECOVERY_TIMEOUT });
});

test('the list appears when an engine that was absent at the start responds', async ({ engine, containers, page, server }) => {
  await engine.goAway();
  await server.kill();
  await server.startAgain();
  await page.goto('/containers');
  await expect(page.getByRole('main')).toContainText(/engine/i);
  // Counts that are not known yet are not shown.
  await expect(containers.trouble).toContainText('appear as soon as it responds');
  await expect(page.getByRole('main')).not.toContainText('0 running');
  await expect(page.getByRole('main').getByRole('link', { name: 'All' })).toHaveText('All –');
  await engine.comeBack();
  await expect(containers.all.first()).toBeVisible({ timeout: RECOVERY_TIMEOUT });
});

/** The color of a container's name: outdated rows are paler. */
function nameColor(page: ContainersPage): Promise<string> {
  return page.all.first().getByRole('link').first().evaluate((name) => getComputedStyle(name).color);
}
