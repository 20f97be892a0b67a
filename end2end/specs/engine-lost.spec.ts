// The engine goes away under an open page and comes back: rows stay, dimmed; the indicator names the engine, not the server;
// and it is live again without a reload.

import { BACK_AGAIN } from '../support/limits';
import { expect, test } from '../support/test';

test('rows stay and dim while the engine is gone, and live again when it is back', async ({ containers, engine, page }) => {
  await containers.open();
  await expect(containers.all.first()).toBeVisible();
  const before = await containers.order();
  await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'));
  const opacityBefore = await shade(containers.all.first());

  await engine.goAway();
  await expect(containers.connection).toContainText(/engine/i, { timeout: BACK_AGAIN });
  expect(await containers.order()).toEqual(before);
  await expect.poll(() => shade(containers.all.first())).toBeLessThan(opacityBefore);

  await engine.comeBack();
  await expect(containers.connection).not.toContainText(/engine/i, { timeout: BACK_AGAIN });
  await containers.expectConnection('Live');
  await expect.poll(() => shade(containers.all.first())).toBe(opacityBefore);
  const id = await engine.run('lantern');
  await expect(containers.container(id)).toBeVisible();
  await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes');
});

test('a frozen engine is noticed and picked up again', async ({ containers, engine }) => {
  await containers.open();
  await expect(containers.all.first()).toBeVisible();
  const before = await containers.order();

  engine.freeze(true);
  await expect(containers.connection).toContainText(/engine/i, { timeout: BACK_AGAIN });
  expect(await containers.order()).toEqual(before);

  engine.freeze(false);
  await expect(containers.connection).not.toContainText(/engine/i, { timeout: BACK_AGAIN });
});

test('an engine that is absent from the start is waited for', async ({ engine, containers, page, server }) => {
  await engine.goAway();
  await server.kill();
  await server.startAgain();
  await page.goto('/containers');
  await expect(page.getByRole('main')).toContainText(/engine/i);
  await engine.comeBack();
  await expect(containers.all.first()).toBeVisible({ timeout: BACK_AGAIN });
});

/** How opaque an element is drawn: its own opacity times that of everything it stands in. */
function shade(element: import('@playwright/test').Locator): Promise<number> {
  return element.evaluate((start) => {
    let opacity = 1;
    for (let at: Element | null = start; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  });
}
