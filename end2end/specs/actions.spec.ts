// With --allow-actions a container can be started, stopped, restarted, paused, killed and removed from the page; where data
// could be lost, only after a confirmation; and a refusal is shown in the engine's own words.

import { type Locator } from '@playwright/test';
import { expect, test } from '../support/test';

test.use({ serverArgs: ['--allow-actions'] });

for (const view of ['cards', 'table']) {
  test.describe(view, () => {
    test.beforeEach(({ containers }) => containers.open(`?view=${view}`));

    test('start, pause, unpause, restart and stop', async ({ containers, engine }) => {
      const id = await engine.create('lantern');
      const lantern = containers.container(id);
      await act(lantern, 'Start');
      await containers.expectState(id, 'running');
      await act(lantern, 'Pause');
      await containers.expectState(id, 'paused');
      await act(lantern, 'Unpause');
      await containers.expectState(id, 'running');
      await act(lantern, 'Restart');
      await containers.expectState(id, 'running');
      await act(lantern, 'Stop');
      await containers.expectState(id, 'exited');
      expect(await engine.stateOf(id)).toBe('exited');
    });

    test('kill, once confirmed', async ({ containers, engine, page }) => {
      const id = await engine.run('lantern');
      await act(containers.container(id), 'Kill');
      const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
      await expect(dialog).toContainText('lantern');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await expect(dialog).toBeHidden();
      expect(await engine.stateOf(id)).toBe('running');

      await act(containers.container(id), 'Kill');
      await dialog.getByRole('button', { name: /kill/i }).click();
      await containers.expectState(id, 'exited');
      await expect(containers.container(id)).toContainText('137');
    });

    test('remove, once confirmed', async ({ containers, engine, page }) => {
      const id = await engine.create('lantern');
      await act(containers.container(id), 'Remove');
      const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
      await expect(dialog).toContainText('lantern');
      await dialog.getByRole('button', { name: /remove/i }).click();
      await expect(containers.container(id)).toHaveCount(0);
      expect((await engine.list()).map(({ Id }) => Id)).not.toContain(id);
    });
  });
}

test('the engine\'s own reason is shown when it refuses', async ({ containers, engine, guard, page }) => {
  guard.expectComplaint(/status of 409/);
  const id = await engine.create('lantern');
  await containers.open();
  await page.route(/\/api\/containers\/.*\/start/, async (route) => {
    await engine.run('thief');
    await route.fulfill({
      status: 409,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'about:blank', title: 'The engine refuses', status: 409, code: 'engine_refused',
        detail: 'driver failed programming external connectivity: port is already allocated', hint: null,
      }),
    });
  });
  await act(containers.container(id), 'Start');
  await expect(page.getByText('port is already allocated')).toBeVisible();
});

/** Presses one of a container's actions, opening its menu where the view keeps it in one. */
async function act(container: Locator, name: string): Promise<void> {
  await container.getByRole('button', { name: new RegExp(`^${name}\\b`) }).click();
}
