// Several containers are selected by mouse and by keyboard, and an action runs on all of them, with
// progress and the engine's refusals.

import { type Page } from '@playwright/test';
import { expect, expectAccessible, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

// A plain sleep ignores SIGTERM, so stopping it takes the engine's timeout of 10 s.
const command = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'];
const labels = { 'com.docker.compose.project': 'harbour' };

const bar = (page: Page) => page.getByRole('region', { name: 'Selection' });
const box = (page: Page, name: string) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true });
const SIZES = [
  { size: 'wide', viewport: { width: 1280, height: 800 } },
  { size: 'phone', viewport: { width: 390, height: 800 } },
];

for (const { size, viewport } of SIZES) {
  for (const view of ['cards', 'table']) {
    test.describe(`${size}, ${view}`, () => {
      test.use({ viewport });

      test('by mouse: one, a range and all are selected, and stopped together', async ({ containers, engine, page }) => {
        const names = ['zz-a', 'zz-b', 'zz-c', 'zz-d'];
        const ids = await Promise.all(names.map((name) => engine.run(name, { command })));
        await engine.kill(ids[3]!);
        await containers.open(`?view=${view}&q=zz-`);
        await containers.expectState(ids[3]!, 'exited');
        await containers.container(ids[0]!).hover();
        await box(page, 'zz-a').click();
        await expect(bar(page)).toContainText('1 selected');
        await box(page, 'zz-c').click({ modifiers: ['Shift'] });
        await expect(bar(page)).toContainText('3 selected');
        await expect(box(page, 'zz-b')).toBeChecked();
        await bar(page).getByRole('button', { name: 'Select all 4 shown' }).click();
        await expect(bar(page)).toContainText('4 selected (1 stopped)');
        await expectAccessible(page);

        await bar(page).getByRole('button', { name: 'Stop 3' }).click();
        await expect(bar(page)).toContainText('Stop: 3 of 3 done');
        for (const id of ids) await containers.expectState(id, 'exited');
        await expect(bar(page)).toContainText('4 selected (4 stopped)');
        await bar(page).getByRole('button', { name: 'Clear selection' }).click();
        await expect(box(page, 'zz-a')).not.toBeChecked();
      });
    });
  }
}

test('a list that is opened again can be selected from', async ({ containers, engine, page }) => {
  await Promise.all(['zz-a', 'zz-b'].map((name) => engine.run(name)));
  await containers.open('?q=zz-');
  const main = page.getByRole('navigation');
  await main.getByRole('link', { name: 'Real-time test' }).click();
  await expect(page.getByRole('heading', { name: 'Connection summary' })).toBeVisible();
  await main.getByRole('link', { name: 'Containers' }).click();
  await box(page, 'zz-a').click();
  await bar(page).getByRole('button', { name: /^Select all/ }).click();
  await expect(box(page, 'zz-b')).toBeChecked();
});

test('by keyboard: one and a range are selected, and deselected', async ({ containers, engine, page }) => {
  const ids = await Promise.all(['zz-a', 'zz-b', 'zz-c'].map((name) => engine.run(name)));
  await containers.open('?q=zz-');
  await containers.container(ids[0]!).getByRole('link', { name: 'zz-a', exact: true }).focus();
  await page.keyboard.press('x');
  await expect(bar(page)).toContainText('1 selected');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+J');
  await expect(bar(page)).toContainText('3 selected');
  await expect(containers.container(ids[2]!).getByRole('link', { name: 'zz-c', exact: true })).toBeFocused();
  await page.keyboard.press('Shift+K');
  await expect(bar(page)).toContainText('2 selected');
  await page.keyboard.press('Escape');
  await expect(bar(page)).toBeHidden();
});

test('a selection is kept during updates and sorting, without removed containers', async ({ containers, engine, page }) => {
  const a = await engine.run('zz-a');
  await engine.run('zz-b');
  await containers.open('?q=zz-');
  await box(page, 'zz-a').check();
  await box(page, 'zz-b').check();
  await page.getByRole('combobox', { name: /Sort/ }).selectOption('Memory');
  await engine.rename(a, 'zz-c');
  await expect(box(page, 'zz-c')).toBeChecked();
  expect(page.url()).not.toContain(a.slice(0, 12));
  await containers.search.fill('zz-b');
  await expect(bar(page)).toContainText('2 selected, 1 not shown');
  await engine.remove(a);
  await expect(bar(page)).toContainText('1 selected');
});

test('removing several containers asks for confirmation once and lists their names', async ({ containers, engine, page }) => {
  const a = await engine.run('zz-a');
  const b = await engine.create('zz-b');
  await containers.open('?q=zz-');
  await box(page, 'zz-a').check();
  await box(page, 'zz-b').check();
  await bar(page).getByRole('button', { name: /^Remove/ }).click();
  await expect(containers.confirmation).toContainText('Remove 2 containers');
  await expect(containers.confirmation.getByRole('listitem')).toHaveText(['zz-a (running)', 'zz-b']);
  await expectAccessible(page);
  await containers.confirmation.getByRole('button', { name: 'Cancel' }).click();
  expect(await engine.stateOf(a)).toBe('running');
  await bar(page).getByRole('button', { name: /^Remove/ }).click();
  await containers.confirmation.getByRole('button', { name: 'Remove 2 containers' }).click();
  await expect(containers.container(a)).toHaveCount(0);
  await expect(containers.container(b)).toHaveCount(0);
  await expect(bar(page)).toContainText('Remove: 2 of 2 done');
});

test("one refusal does not stop the others, is shown with the engine's message, and can be retried", async ({ containers, engine, guard, page }) => {
  guard.expectComplaint(/status of 409/);
  const ids = await Promise.all(['zz-a', 'zz-b', 'zz-c'].map((name) => engine.create(name)));
  await containers.open('?q=zz-');
  await page.route(`**/containers/${ids[1]}/start`, (route) =>
    route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ detail: 'port is already allocated' }) }),
  );
  for (const name of ['zz-a', 'zz-b', 'zz-c']) await box(page, name).check();
  await bar(page).getByRole('button', { name: /^Start/ }).click();
  await expect(bar(page)).toContainText('Start: 2 of 3 done, 1 failed');
  await expect(bar(page).getByRole('list', { name: 'Failed' })).toContainText('zz-b: port is already allocated');
  await containers.expectState(ids[0]!, 'running');
  await containers.expectState(ids[2]!, 'running');
  await expectAccessible(page);
  await page.unroute(`**/containers/${ids[1]}/start`);
  await bar(page).getByRole('button', { name: 'Retry failed' }).click();
  await containers.expectState(ids[1]!, 'running');
  await expect(bar(page)).toContainText('Start: 1 of 1 done');
});

test('restarting a project takes three actions by mouse', async ({ containers, engine, page }) => {
  const ids = await Promise.all(['lantern', 'buoy'].map((name) => engine.run(name, { command, labels })));
  const other = await engine.run('pier', { command });
  const starts = await Promise.all([...ids, other].map((id) => engine.startOf(id)));
  await containers.open();
  await page.getByRole('combobox', { name: /^Group/ }).selectOption('Project');
  await page.getByRole('heading', { level: 2, name: 'harbour' }).getByRole('button', { name: /^Select/ }).click();
  await bar(page).getByRole('button', { name: /^Restart/ }).click();
  for (const [place, id] of ids.entries()) await expect.poll(() => engine.startOf(id)).not.toBe(starts[place]);
  await expect(bar(page)).toContainText('Restart: 2 of 2 done');
  expect(await engine.startOf(other)).toBe(starts[2]);
});

test('restarting a project takes three actions by keyboard', async ({ containers, engine, page }) => {
  const ids = await Promise.all(['lantern', 'buoy'].map((name) => engine.run(name, { command, labels })));
  const starts = await Promise.all(ids.map((id) => engine.startOf(id)));
  await containers.open();
  // Started from the focused container.
  await containers.container(ids[0]!).getByRole('link', { name: 'lantern', exact: true }).focus();
  await page.keyboard.press('Shift+X');
  await expect(bar(page)).toContainText('2 selected');
  await page.keyboard.press('a');
  await expect(bar(page).getByRole('button', { name: 'Stop' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  for (const [place, id] of ids.entries()) await expect.poll(() => engine.startOf(id)).not.toBe(starts[place]);
});

test('sorting by memory takes one action', async ({ containers, engine, page }) => {
  await engine.run('zz-a');
  await containers.open('?view=table');
  await page.getByRole('columnheader', { name: 'Memory' }).getByRole('link').click();
  await expect(page.getByRole('columnheader', { name: 'Memory' })).toHaveAttribute('aria-sort', 'descending');
  const used = await containers.all.evaluateAll((rows) =>
    rows.map((row) => Number(row.querySelector('[role=meter][aria-label=Memory]') !== null)),
  );
  expect(used, 'those that use memory come first').toEqual([...used].sort().reverse());
});

test.describe('without --allow-actions', () => {
  test.use({ serverArgs: [] });

  test('containers cannot be selected', async ({ containers, page }) => {
    await containers.open();
    await containers.all.first().getByRole('link').first().focus();
    await page.keyboard.press('x');
    await expect(page.getByRole('checkbox')).toHaveCount(0);
    await expect(bar(page)).toBeHidden();
  });
});
