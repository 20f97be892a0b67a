// Without JavaScript the list is in the HTML.

import { expect, test } from '../../support/test';

test.use({ javaScriptEnabled: false });

for (const view of ['cards', 'table']) {
  test(`${view}: the list is readable`, async ({ containers, engine, page }) => {
    const running = await engine.run('lantern');
    const stopped = await engine.run('buoy');
    await engine.kill(stopped);
    await expect
      .poll(async () => {
        await page.goto(`/containers?view=${view}`);
        return containers.container(stopped).getAttribute('data-state', { timeout: 1_000 }).catch(() => null);
      })
      .toBe('exited');

    await expect(containers.container(running)).toContainText('lantern');
    await expect(containers.container(running)).toHaveAttribute('data-state', 'running');
    await expect(containers.container(stopped)).toContainText('Stopped');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  });
}

test('search and view are submitted as a form', async ({ containers, engine, page }) => {
  const lantern = await engine.run('lantern');
  await engine.run('buoy');
  await page.goto('/containers');
  await containers.search.fill('lantern');
  await containers.view('Table').check({ force: true });
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/q=lantern/);
  await expect(page.getByRole('table')).toBeVisible();
  expect(await containers.order()).toEqual([lantern]);
});

test('controls that need JavaScript are hidden', async ({ containers, page }) => {
  await page.goto('/containers');
  await expect(containers.view('Cards')).toBeVisible();
  await expect(page.getByRole('radiogroup', { name: 'Theme' })).toBeHidden();
  for (const button of ['Refresh now', 'Reconnect']) await expect(page.getByRole('button', { name: button })).toBeHidden();
});
