// With --allow-actions a container can be started, stopped, restarted, paused, killed and removed
// from the page; a confirmation is required if data could be lost; a refusal is shown with the
// engine's message.

import { expect, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

// A plain sleep ignores SIGTERM, so stopping it takes the engine's timeout of 10 s.
const EXITS_ON_SIGTERM = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'];

for (const view of ['cards', 'table']) {
  test.describe(view, () => {
    test.beforeEach(({ containers }) => containers.open(`?view=${view}`));

    test('start, pause, unpause, restart and stop', async ({ containers, engine }) => {
      const id = await engine.create('lantern', { command: EXITS_ON_SIGTERM });
      await containers.act(id, 'Start');
      await containers.expectState(id, 'running');
      await containers.act(id, 'Pause');
      await containers.expectState(id, 'paused');
      await containers.act(id, 'Unpause');
      await containers.expectState(id, 'running');
      const firstStart = await engine.startOf(id);
      await containers.act(id, 'Restart');
      await expect.poll(() => engine.startOf(id)).not.toBe(firstStart);
      await containers.expectState(id, 'running');
      await containers.act(id, 'Stop');
      await containers.expectState(id, 'exited');
      expect(await engine.stateOf(id)).toBe('exited');
    });

    test('kill after confirmation', async ({ containers, engine }) => {
      const id = await engine.run('lantern');
      await containers.act(id, 'Kill');
      await expect(containers.confirmation).toContainText('lantern');
      await containers.confirmation.getByRole('button', { name: 'Cancel' }).click();
      await expect(containers.confirmation).toBeHidden();
      expect(await engine.stateOf(id)).toBe('running');

      await containers.act(id, 'Kill');
      await containers.confirmation.getByRole('button', { name: /kill/i }).click();
      await containers.expectState(id, 'exited');
      await expect(containers.container(id)).toContainText('137');
    });

    test('remove after confirmation', async ({ containers, engine }) => {
      const id = await engine.create('lantern');
      await containers.act(id, 'Remove');
      await expect(containers.confirmation).toContainText('lantern');
      await containers.confirmation.getByRole('button', { name: /remove/i }).click();
      await expect(containers.container(id)).toHaveCount(0);
      expect((await engine.list()).map(({ Id }) => Id)).not.toContain(id);
    });
  });
}

test('an open menu is updated when the state changes', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await containers.container(id).getByRole('button', { name: /^More actions/ }).click();
  const entries = page.getByRole('menu').getByRole('menuitem');
  await expect(entries).toHaveText([/Pause/, /Kill/, /Remove/]);
  await engine.pause(id);
  await expect(entries).toHaveText([/Restart/, /Kill/, /Remove/]);
  // The focus stays in the menu when its entry disappears.
  await expect(page.locator('[role=menu] :focus')).toHaveCount(1);
  await engine.remove(id);
  await expect(page.getByRole('menu')).toBeHidden();
});

test('a container that is slow to stop can be killed in the meantime', async ({ containers, engine }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await containers.act(id, 'Stop');
  await expect(containers.container(id)).toContainText('Stopping…');
  await expect(containers.container(id).getByRole('button', { name: /^Restart/ })).toBeDisabled();
  await containers.act(id, 'Kill');
  await containers.confirmation.getByRole('button', { name: /kill/i }).click();
  // Earlier than the 10 s that stopping it takes.
  await expect(containers.container(id)).toHaveAttribute('data-state', 'exited', { timeout: 5_000 });
});

test('the focus moves to the next container when the focused one is removed', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open('?sort=name');
  const order = await containers.order();
  const place = order.indexOf(id);
  const next = order[place + 1] ?? order[place - 1]!;
  await containers.container(id).getByRole('link').first().focus();
  await engine.remove(id);
  await expect(containers.container(id)).toHaveCount(0);
  await expect(containers.container(next).getByRole('link').first()).toBeFocused();
  // Only the heading is left to focus.
  await containers.container(next).getByRole('link').first().focus();
  for (const other of await containers.order()) await engine.remove(other);
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
});

test("a refusal is shown with the engine's message", async ({ containers, engine, guard, page }) => {
  guard.expectComplaint(/status of 409/);
  const id = await engine.create('lantern');
  await containers.open();
  await page.route(/\/api\/containers\/.*\/start/, async (route) => {
    await route.fulfill({
      status: 409,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'about:blank', title: 'The engine refuses', status: 409, code: 'engine_refused',
        detail: 'driver failed programming external connectivity: port is already allocated', hint: null,
      }),
    });
  });
  await containers.act(id, 'Start');
  await expect(page.getByRole('alert')).toContainText('port is already allocated');
  await page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
});
