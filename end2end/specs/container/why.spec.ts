// "Why did it stop?": in the row, and in full with the last log lines after one press. Needs no
// permission for actions.

import { type Page } from '@playwright/test';
import { expect, expectAccessible, test } from '../../support/test';

const panel = (page: Page) => page.getByRole('dialog');

test('a row shows the exit code, and "Why?" explains it', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { command: ['sh', '-c', 'echo lit; echo "no oil left" >&2; sleep 2; exit 3'] });
  await containers.open();
  await containers.expectState(id, 'exited');
  await expect(containers.container(id)).toContainText('Exit code 3, after 2 s');

  await containers.container(id).getByRole('link', { name: 'Why? lantern' }).click();
  await expect(panel(page)).toBeVisible();
  await expect(panel(page).getByRole('heading', { name: 'Why did lantern stop?' })).toBeVisible();
  await expect(panel(page)).toContainText('It exited on its own with exit code 3.');
  await expect(panel(page)).toContainText('after 2 s');
  const lines = panel(page).getByRole('region', { name: 'Last log lines' });
  await expect(lines).toContainText('lit');
  await expect(lines).toContainText('no oil left');
  await expect(page).toHaveURL(/\/containers$/);
  await expectAccessible(page);

  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await expect(containers.container(id).getByRole('link', { name: 'Why? lantern' })).toBeFocused();
});

test('killed, out of memory and command not found have different explanations', async ({ containers, engine, page }) => {
  const killed = await engine.run('killed');
  const hungry = await engine.run('hungry', { memoryBytes: 64 << 20, command: ['sh', '-c', 'echo eating; sleep 1; tail /dev/zero'] });
  await containers.open('?view=table');
  await engine.kill(killed);
  await containers.expectState(killed, 'exited');
  await expect(containers.container(killed)).toContainText('Exit code 137: killed (SIGKILL)');
  await containers.expectState(hungry, 'exited');
  await expect(containers.container(hungry)).toContainText('out of memory');

  await containers.container(killed).getByRole('link', { name: 'Why? killed' }).click();
  await expect(panel(page)).toContainText('It was killed by request');
  await expect(panel(page)).toContainText('SIGKILL');
  await panel(page).getByRole('button', { name: 'Close' }).click();
  await expect(panel(page)).toBeHidden();

  await containers.container(hungry).getByRole('link', { name: 'Why? hungry' }).click();
  await expect(panel(page)).toContainText('It ran out of memory, and the kernel killed it.');
  await expect(panel(page)).toContainText('its limit is 64 MiB');
  await expect(panel(page)).toContainText('eating');
});

test('a failing health check is shown with its output', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { healthCommand: 'wget -q http://localhost/' });
  await containers.open();
  await expect(containers.container(id).getByRole('link', { name: /^Why/ })).toHaveCount(0);
  await engine.setHealth(id, false);
  await containers.container(id).getByRole('link', { name: 'Why? lantern' }).click();
  await expect(panel(page).getByRole('heading', { name: 'What is wrong with lantern?' })).toBeVisible();
  await expect(panel(page)).toContainText('It is running, but its health check is failing.');
  await expect(panel(page)).toContainText('connection refused');
  await expect(panel(page)).toContainText('wget -q http://localhost/');
});

test('a crash loop is shown in the row and explained', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { restartPolicy: 'always', command: ['sh', '-c', 'echo sputter; exit 1'] });
  await containers.open();
  await expect(containers.container(id)).toContainText('crash loop', { timeout: 30_000 });
  await containers.container(id).getByRole('link', { name: 'Why? lantern' }).click();
  await expect(panel(page)).toContainText('Crash loop: it keeps restarting and exiting');
  await expect(panel(page)).toContainText('exited on its own with an error (exit code 1)');
  await expect(panel(page)).toContainText('sputter');
  await expect(panel(page)).toContainText('always');
  await expectAccessible(page);
});

test('the container page shows the explanation at the top', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { command: ['sh', '-c', 'echo "all done"; exit 0'] });
  await page.goto(`/containers/${id}`);
  await containers.expectConnection('Live');
  const why = page.getByRole('region', { name: 'Why', exact: true });
  await expect(why).toContainText('It finished on its own.');
  await expect(why).toContainText('all done');
  await expectAccessible(page);
  await engine.call('POST', `/containers/${id}/restart`);
  await expect(why).toContainText('It finished on its own.');
});

test('the explanation opens by keyboard from the row', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { command: ['false'] });
  await containers.open();
  await containers.expectState(id, 'exited');
  await containers.container(id).getByRole('link', { name: 'Why? lantern' }).press('Enter');
  await expect(panel(page)).toContainText('with an error (exit code 1)');
  await panel(page).getByRole('link', { name: 'Show its events' }).click();
  await expect(page).toHaveURL(new RegExp(`/events\\?container=${id}`));
  await expect(panel(page)).toBeHidden();
});

test.describe('phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  for (const view of ['cards', 'table', 'cards&density=compact', 'table&density=compact']) {
    test(`${view}: the explanation does not overflow`, async ({ containers, engine, page }) => {
      const id = await engine.run('lantern', { command: ['sh', '-c', `echo ${'long'.repeat(80)}; exit 139`] });
      await containers.open(`?view=${view}`);
      await containers.expectState(id, 'exited');
      await containers.container(id).getByRole('link', { name: 'Why? lantern' }).click();
      await expect(panel(page)).toContainText('segmentation fault (SIGSEGV)');
      await expectAccessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });
  }
});
