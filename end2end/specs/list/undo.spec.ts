// Actions that can be reverted can be undone for a while.

import { expect, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

// A plain sleep ignores SIGTERM, so stopping it takes the engine's timeout of 10 s.
const EXITS_ON_SIGTERM = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'];

test('undoing a stop starts the container again', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { command: EXITS_ON_SIGTERM });
  await containers.open();
  await containers.act(id, 'Stop');
  const toast = page.getByRole('group', { name: 'Done' });
  await expect(toast).toContainText('Stopped lantern');
  await containers.expectState(id, 'exited');
  await toast.getByRole('button', { name: 'Undo' }).click();
  await containers.expectState(id, 'running');
  expect(await engine.stateOf(id)).toBe('running');
});

test('two actions are undone together', async ({ containers, engine, page }) => {
  const lantern = await engine.run('lantern');
  const buoy = await engine.run('buoy');
  await containers.open();
  await containers.act(lantern, 'Pause');
  await containers.act(buoy, 'Pause');
  const toast = page.getByRole('group', { name: 'Done' });
  await expect(toast).toContainText('Paused lantern and buoy');
  await toast.getByRole('button', { name: 'Undo' }).click();
  await containers.expectState(lantern, 'running');
  await containers.expectState(buoy, 'running');
});

test('no undo is offered for a restart', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { command: EXITS_ON_SIGTERM });
  await containers.open();
  const first = await engine.startOf(id);
  await containers.act(id, 'Restart');
  await expect.poll(() => engine.startOf(id)).not.toBe(first);
  await expect(containers.container(id)).not.toContainText('Restarting…');
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
});

test('the undo toast disappears after ten seconds, unless it has the focus', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await containers.act(id, 'Pause');
  const undo = page.getByRole('button', { name: 'Undo' });
  await undo.focus();
  // It stays although its ten seconds are over.
  const over = Date.now() + 12_000;
  await expect.poll(async () => [await undo.count(), Date.now() > over], { timeout: 20_000 }).toEqual([1, true]);
  await expect(undo).toBeFocused();
  await undo.blur();
  await expect(undo).toHaveCount(0, { timeout: 20_000 });
});
