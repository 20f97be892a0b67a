// Columns, scales, collapsed groups, saved views and pins: chosen once, in the URL, and remembered.

import { type Page } from '@playwright/test';
import { expect, expectAccessible, test } from '../../support/test';

const options = (page: Page) => page.getByRole('dialog', { name: 'List options' });
const open = async (page: Page) => {
  await page.getByRole('button', { name: 'List options' }).click();
  await expect(options(page)).toBeVisible();
};

for (const viewport of [{ width: 1600, height: 900 }, { width: 390, height: 800 }]) {
  test.describe(`${viewport.width} px`, () => {
    test.use({ viewport });

    test('the panel is accessible and works by keyboard', async ({ containers, page }) => {
      await containers.open('?view=table');
      await page.getByRole('button', { name: 'List options' }).press('Enter');
      await expect(options(page)).toBeFocused();
      await expectAccessible(page);
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => containers.query().cpu).toBe('host');
      await page.keyboard.press('Escape');
      await expect(options(page)).toBeHidden();
    });

    test('other scales of CPU and memory are named and remembered', async ({ containers, engine, page }) => {
      const id = await engine.run('lantern', { memoryBytes: 64 << 20 });
      await containers.open();
      await expect(containers.meter(id, /CPU/)).toHaveAttribute('aria-valuetext', /of one core$/);
      await expect(containers.meter(id, /Memory/)).toHaveAttribute('aria-valuetext', /of 64 MiB/);
      await open(page);
      await options(page).getByRole('radiogroup', { name: 'CPU scale' }).getByRole('radio', { name: 'Whole host' }).check();
      await options(page).getByRole('radiogroup', { name: 'Memory scale' }).getByRole('radio', { name: 'Whole host' }).check();
      await expect(containers.meter(id, /CPU/)).toHaveAttribute('aria-valuetext', /of the host$/);
      await expect(containers.meter(id, /Memory/)).toHaveAttribute('aria-valuetext', /of the host's/);
      await expect(page.getByText('CPU: 100% is the whole host.')).toBeVisible();
      expect(containers.query()).toMatchObject({ cpu: 'host', mem: 'host' });

      // On the next visit, rendered by the server, if the URL does not override it.
      await containers.open('?view=table');
      await expect(page.getByText('CPU: 100% is the whole host.')).toBeVisible();
      const html = await (await page.request.get('/containers')).text();
      expect(html).toContain('CPU: 100% is the whole host.');
    });

    test('CPU is relative to the limit, and memory includes the cache', async ({ containers, engine, page }) => {
      const limited = await engine.run('lantern', { memoryBytes: 64 << 20, cpus: 0.5 });
      const free = await engine.run('buoy');
      await containers.open('?cpu=limit&mem=cache');
      await expect(page.getByText("CPU: 100% is the container's limit or the whole host. Memory: with file cache")).toBeVisible();
      await expect(containers.meter(limited, /CPU/)).toHaveAttribute('aria-valuetext', /of 0.5 cores$/);
      await expect(containers.meter(free, /CPU/)).toHaveAttribute('aria-valuetext', /of the host$/);
      await expect(containers.meter(limited, /Memory/)).toHaveAttribute('aria-valuetext', /with cache of 64 MiB/);
    });
  });
}

test('chosen columns are in the URL and remembered', async ({ containers, engine, page }) => {
  await page.setViewportSize({ width: 1600, height: 900 });
  const id = await engine.run('lantern');
  await containers.open('?view=table');
  const heading = (name: string | RegExp) => page.getByRole('columnheader', { name });
  await expect(heading('Network')).toBeVisible();
  await expect(heading('Processes')).toBeHidden();
  await open(page);
  await options(page).getByRole('checkbox', { name: 'Network' }).uncheck();
  await options(page).getByRole('checkbox', { name: 'Processes' }).check();
  await options(page).getByRole('checkbox', { name: 'Image' }).uncheck();
  await page.keyboard.press('Escape');
  await expect(heading('Network')).toBeHidden();
  await expect(heading('Processes')).toBeVisible();
  await expect(containers.container(id).getByText('alpine:3.20')).toBeHidden();
  expect(containers.query().cols).toBe('state,cpu,memory,disk,pids,ports,project');
  // The remaining columns are aligned.
  const lefts = (selector: string) => page.locator(selector).evaluateAll((cells) => [...new Set(cells.map((cell) => Math.round(cell.getBoundingClientRect().left)))]);
  for (const column of ['memory', 'disk', 'pids', 'actions']) expect(await lefts(`.container-row__${column}`), column).toHaveLength(1);

  await containers.open('?view=table');
  await expect(heading('Network')).toBeHidden();
});

test('stopped containers can be hidden, and their number is shown', async ({ containers, engine, page }) => {
  const ids = await Promise.all(Array.from({ length: 6 }, (_, number) => engine.create(`zz-${number}`)));
  const running = await engine.run('zz-running');
  await containers.open('?q=zz-');
  await expect(containers.all).toHaveCount(7);
  await page.getByRole('link', { name: 'Hide 6 stopped' }).click();
  await expect(containers.all).toHaveCount(1);
  await expect(containers.container(running)).toBeVisible();
  expect(containers.query().stopped).toBe('fold');
  await engine.start(ids[0]!);
  await expect(containers.container(ids[0]!)).toBeVisible();
  await page.getByRole('link', { name: 'Show 5 stopped' }).press('Enter');
  await expect(containers.all).toHaveCount(7);
  await page.goBack();
  await expect(containers.all).toHaveCount(2);
  // A search for stopped containers shows them.
  await page.getByRole('group', { name: 'State' }).getByRole('link', { name: /Created/ }).click();
  await expect(containers.all).toHaveCount(5);
});

test('a view is saved, opened in another tab, made the default, and deleted', async ({ containers, context, page }) => {
  await containers.open('?view=table&sort=memory');
  await open(page);
  await options(page).getByRole('textbox', { name: 'View name' }).fill('eating <memory>');
  await page.keyboard.press('Enter');
  const other = await context.newPage();
  await other.goto('/containers');
  await expect(other.getByRole('status', { name: 'Connection', exact: true })).toContainText('Live');
  await other.getByRole('button', { name: 'List options' }).click();
  await options(other).getByRole('link', { name: 'eating <memory>' }).click();
  await expect(other).toHaveURL(/view=table&sort=memory/);
  await expect(other.getByRole('columnheader', { name: 'Memory' })).toHaveAttribute('aria-sort', 'descending');
  await expectAccessible(other);

  await options(other).getByRole('button', { name: 'Open eating <memory> by default' }).click();
  await expect(options(other).getByRole('button', { name: 'Open eating <memory> by default' })).toHaveAttribute('aria-pressed', 'true');
  await other.goto('/');
  await expect(other).toHaveURL(/\/containers\?view=table&sort=memory$/);
  await other.close();

  await options(page).getByRole('button', { name: 'Delete view eating <memory>' }).click();
  await expect(options(page).getByRole('list', { name: 'Saved views' })).toHaveCount(0);
});

test('a pinned container comes first, even after it is recreated', async ({ containers, engine, page }) => {
  const labels = { 'com.docker.compose.project': 'harbour' };
  const pinned = await engine.run('zz-last', { labels });
  const first = await engine.run('zz-first');
  await containers.open('?q=zz-');
  await expect.poll(() => containers.order()).toEqual([first, pinned]);
  await containers.container(pinned).getByRole('link', { name: 'zz-last', exact: true }).click();
  await page.getByRole('button', { name: 'Pin to the top' }).click();
  await expect(page.getByRole('button', { name: 'Pinned to the top' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Containers' }).click();
  await containers.search.fill('zz-');
  await expect.poll(() => containers.order()).toEqual([pinned, first]);

  await engine.remove(pinned);
  const again = await engine.run('zz-last', { labels });
  await expect.poll(() => containers.order()).toEqual([again, first]);
  await containers.open('?q=zz-');
  await expect.poll(() => containers.order()).toEqual([again, first]);
  await open(page);
  await options(page).getByRole('button', { name: 'Unpin harbour/zz-last' }).click();
  await expect.poll(() => containers.order()).toEqual([first, again]);
});
