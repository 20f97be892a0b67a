// Changes on the engine are shown immediately, in both views, without a reload or a button.

import { CHANGE_TIMEOUT } from '../../support/limits';
import { expect, test } from '../../support/test';

for (const view of ['cards', 'table']) {
  test.describe(view, () => {
    test.beforeEach(({ containers }) => containers.open(`?view=${view}`));

    test('a created container appears', async ({ containers, engine }) => {
      const id = await engine.create('lantern');
      await expect(containers.container(id)).toBeVisible({ timeout: CHANGE_TIMEOUT });
      await expect(containers.container(id)).toContainText('lantern');
      await containers.expectState(id, 'created');
    });

    test('a started container is shown as running', async ({ containers, engine }) => {
      const id = await engine.create('lantern');
      await expect(containers.container(id)).toBeVisible();
      await engine.start(id);
      await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: CHANGE_TIMEOUT });
    });

    test('a stopped container shows its state and exit code', async ({ containers, engine }) => {
      const id = await engine.run('lantern');
      await containers.expectState(id, 'running');
      await engine.kill(id);
      await expect(containers.container(id)).toHaveAttribute('data-state', 'exited', { timeout: CHANGE_TIMEOUT });
      await expect(containers.container(id)).toContainText('Stopped');
      await expect(containers.container(id)).toContainText('137');
    });

    test('a container is shown as paused, and as running when unpaused', async ({ containers, engine }) => {
      const id = await engine.run('lantern');
      await containers.expectState(id, 'running');
      await engine.pause(id);
      await expect(containers.container(id)).toHaveAttribute('data-state', 'paused', { timeout: CHANGE_TIMEOUT });
      await engine.unpause(id);
      await expect(containers.container(id)).toHaveAttribute('data-state', 'running', { timeout: CHANGE_TIMEOUT });
    });

    test('a renamed container shows its new name', async ({ containers, engine }) => {
      const id = await engine.run('lantern');
      await expect(containers.container(id)).toContainText('lantern');
      await engine.rename(id, 'beacon');
      await expect(containers.container(id)).toContainText('beacon', { timeout: CHANGE_TIMEOUT });
      await expect(containers.container(id)).not.toContainText('lantern');
    });

    test('a removed container disappears', async ({ containers, engine }) => {
      const id = await engine.run('lantern');
      await expect(containers.container(id)).toBeVisible();
      await engine.remove(id);
      await expect(containers.container(id)).toHaveCount(0, { timeout: CHANGE_TIMEOUT });
    });
  });
}

test("after many changes in a row, the list equals the engine's", async ({ containers, engine }) => {
  await containers.open();
  const ids = await Promise.all(Array.from({ length: 12 }, (_, index) => engine.run(`ship-${index}`)));
  for (const [index, id] of ids.entries()) {
    if (index % 3 === 0) await engine.kill(id);
    if (index % 3 === 1) await engine.pause(id);
    if (index % 4 === 3) await engine.remove(id);
  }
  const expected = new Map((await engine.list()).map(({ Id, State }) => [Id, State]));
  const shown = () => containers.all.evaluateAll((all) => all.map(({ dataset }) => [dataset.containerId, dataset.state]));
  await expect.poll(async () => new Map((await shown()) as [string, string][])).toEqual(expected);
});
