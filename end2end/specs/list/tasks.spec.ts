// Frequent tasks take at most three actions, by mouse and by keyboard: an action is a press, a
// choice in a list, or a line typed.

import { type Page } from '@playwright/test';
import { type ContainersPage } from '../../support/containers-page';
import { expect, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

const MAX_ACTIONS = 3;
const labels = { 'com.docker.compose.project': 'harbour' };
// A plain sleep ignores SIGTERM, so restarting it takes the engine's timeout of 10 s.
const command = ['sh', '-c', 'trap "exit 0" TERM; echo "$HOSTNAME is up"; while true; do sleep 1; done'];

/** Runs the actions in order, and checks their number. */
async function inFewActions(...actions: (() => Promise<unknown>)[]): Promise<void> {
  expect(actions.length).toBeLessThanOrEqual(MAX_ACTIONS);
  for (const action of actions) await action();
}

/** By keyboard: the palette, a line, Enter. */
async function inThePalette(page: Page, line: string): Promise<void> {
  await inFewActions(
    async () => {
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('combobox', { name: 'Go to a container' })).toBeFocused();
    },
    () => page.keyboard.type(line),
    () => page.keyboard.press('Enter'),
  );
}

test.describe('find the container that uses the most memory', () => {
  test.use({ scenario: 'busy' });

  async function expectLargestFirst(containers: ContainersPage): Promise<void> {
    const used = async () => {
      const words = await containers.page.getByRole('meter', { name: 'Memory' }).evaluateAll((all) => all.map((meter) => meter.getAttribute('aria-valuetext')!));
      return words.map((each) => parseFloat(each) * { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[/\d ([KMG]?i?B)/.exec(each)![1]!]!);
    };
    await expect(async () => {
      const all = await used();
      expect(all.length).toBeGreaterThan(5);
      expect(all[0]).toBe(Math.max(...all));
      expect(all[0]).toBeGreaterThan(Math.min(...all));
    }).toPass();
    expect(containers.query().sort).toBe('memory');
  }

  test('by mouse', async ({ containers, page }) => {
    await containers.open('?view=table');
    await inFewActions(() => page.getByRole('columnheader', { name: /^Memory/ }).getByRole('link').click());
    await page.mouse.move(0, 0);
    await expectLargestFirst(containers);
  });

  test('by keyboard', async ({ containers, page }) => {
    await containers.open();
    await inThePalette(page, 'memory');
    await expectLargestFirst(containers);
  });
});

test.describe('find out why a container stopped', () => {
  const broken = { command: ['sh', '-c', 'echo "no oil left" >&2; sleep 1; exit 3'] };

  for (const way of ['mouse', 'keyboard']) {
    test(`by ${way}`, async ({ containers, engine, page }) => {
      const id = await engine.run('lantern', broken);
      await containers.open();
      await containers.expectState(id, 'exited');
      if (way === 'mouse') {
        await inFewActions(() => page.getByRole('link', { name: 'Why? lantern' }).click());
      } else {
        await inThePalette(page, 'why lantern');
      }
      const panel = page.getByRole('dialog', { name: 'Why did lantern stop?' });
      await expect(panel).toContainText('with exit code 3');
      await expect(panel.getByRole('region', { name: 'Last log lines' })).toContainText('no oil left');
    });
  }
});

test.describe('restart a Compose project', () => {
  for (const way of ['mouse', 'keyboard']) {
    test(`by ${way}`, async ({ containers, engine, page }) => {
      const names = ['web', 'db', 'cache'];
      const ids = await Promise.all(names.map((name) => engine.run(name, { command, labels })));
      const other = await engine.run('lantern', { command });
      const started = (id: string) => engine.startOf(id);
      const before = await Promise.all([...ids, other].map(started));
      await containers.open();
      if (way === 'mouse') {
        await inFewActions(
          () => page.getByRole('combobox', { name: /Group/ }).selectOption('Project'),
          () => page.getByRole('heading', { name: /^harbour/ }).getByRole('button', { name: /Select/ }).click(),
          () => page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Restart' }).click(),
        );
      } else {
        await inThePalette(page, 'restart harbour');
      }
      await expect(page.getByText('Restart: 3 of 3 done')).toBeVisible();
      const after = await Promise.all([...ids, other].map(started));
      expect(after.map((time, place) => time !== before[place])).toEqual([true, true, true, false]);
      for (const id of ids) await containers.expectState(id, 'running');
    });
  }
});

test.describe('follow the logs of two containers together', () => {
  for (const way of ['mouse', 'keyboard']) {
    test(`by ${way}`, async ({ containers, engine, page }) => {
      const speaks = (words: string) => ({ command: ['sh', '-c', `while true; do echo ${words}; sleep 1; done`] });
      await engine.run('lantern', speaks('light'));
      await engine.run('web', speaks('served'));
      await engine.run('db', speaks('stored'));
      await containers.open();
      if (way === 'mouse') {
        await inFewActions(
          () => page.getByRole('checkbox', { name: 'Select web', exact: true }).click(),
          () => page.getByRole('checkbox', { name: 'Select db', exact: true }).click(),
          () => page.getByRole('region', { name: 'Selection' }).getByRole('link', { name: 'Logs' }).click(),
        );
      } else {
        await inThePalette(page, 'logs web db');
      }
      await expect(page.locator('.log-status').getByText('Live', { exact: true })).toBeVisible();
      const log = page.getByRole('log');
      await expect(log.getByText('served').nth(1)).toBeVisible();
      await expect(log.getByText('stored').nth(1)).toBeVisible();
      await expect(log.getByText('light')).toHaveCount(0);
    });
  }
});
