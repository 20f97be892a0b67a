// Containers of two engines in one list.

import { RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, expectAccessible, rowOf, rowsOf, test } from '../../support/two-engines';

for (const view of ['cards', 'table']) {
  test(`each container names its engine and links with it: ${view}`, async ({ containers, engine, page, second }) => {
    const [one, other] = [await engine.run('lantern'), await second.run('buoy')];
    await containers.open(`?view=${view}`);
    for (const [id, name, of] of [
      [one, 'lantern', 'a'],
      [other, 'buoy', 'b'],
    ] as const) {
      await expect(rowOf(page, of, id).getByText(of, { exact: true })).toBeVisible();
      await expect(rowOf(page, of, id).getByRole('link', { name, exact: true })).toHaveAttribute('href', `/engines/${of}/containers/${name}`);
    }
    await expectAccessible(page);
    await rowOf(page, 'b', other).getByRole('link', { name: 'buoy', exact: true }).click();
    await expect(page).toHaveURL('/engines/b/containers/buoy');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('buoy');
  });
}

test('a search and groups by engine', async ({ containers, engine, page, second }) => {
  const [one, other] = [await engine.run('lantern'), await second.run('buoy')];
  await containers.open('?q=engine:b');
  await expect(rowOf(page, 'b', other)).toBeVisible();
  await expect(rowOf(page, 'a', one)).toHaveCount(0);
  await containers.open('?group=engine');
  for (const name of ['a', 'b']) {
    await expect(page.getByRole('heading', { level: 2 }).filter({ has: page.getByText(name, { exact: true }) })).toContainText(/of \d+ running/);
  }
});

test('a lost engine dims and dates its own rows only', async ({ containers, engine, page, second }) => {
  const one = await engine.run('lantern');
  await second.run('buoy');
  await containers.open();
  const count = await rowsOf(page, 'b').count();
  await second.goAway();
  await expect(containers.trouble).toContainText('Engine b is not responding', { timeout: RECOVERY_TIMEOUT });
  await expect(page.getByRole('banner')).toContainText('(1 of 2 engines)');
  await expect(rowsOf(page, 'b')).toHaveCount(count);
  await expect(rowsOf(page, 'b').first()).toContainText(/b: connection lost since \d\d:\d\d/);
  await expect(rowsOf(page, 'a').first()).not.toContainText('connection lost');
  await expect(page.locator('.container-list')).toHaveAttribute('data-stale', 'false');
  const color = (of: 'a' | 'b') => rowsOf(page, of).first().locator('.container-name').evaluate((name) => getComputedStyle(name).color);
  expect(await color('b')).not.toBe(await color('a'));
  await expectAccessible(page);

  // The other engine goes on.
  await engine.stop(one);
  await expect(rowOf(page, 'a', one)).toHaveAttribute('data-state', 'exited');

  await second.comeBack();
  await expect(containers.trouble).toHaveCount(0, { timeout: RECOVERY_TIMEOUT });
  await expect(rowsOf(page, 'b').first()).not.toContainText('connection lost');
});

test.describe('with actions', () => {
  test.use({ serverArgs: ['--allow-actions'] });

  test('an action reaches the engine of its container', async ({ containers, second }) => {
    const other = await second.run('buoy');
    await containers.open();
    await containers.act(other, 'Pause');
    await containers.expectState(other, 'paused');
    expect(await second.stateOf(other)).toBe('paused');
  });
});
