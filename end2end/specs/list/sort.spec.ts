// The sort order of the list: by name, state or usage; the choice is in the URL, and rows keep
// their place as numbers change.

import { expect, test } from '../../support/test';

test('the list is sorted by name', async ({ containers, engine }) => {
  const names = ['delta', 'alpha', 'charlie', 'bravo'];
  const ids = await Promise.all(names.map((name) => engine.run(`zz-${name}`)));
  await containers.open('?q=zz-&sort=name');
  await expect.poll(() => containers.order()).toEqual([ids[1], ids[3], ids[2], ids[0]]);
});

test('a renamed container moves to its new position', async ({ containers, engine }) => {
  const alpha = await engine.run('zz-alpha');
  const bravo = await engine.run('zz-bravo');
  await containers.open('?q=zz-&sort=name');
  await expect.poll(() => containers.order()).toEqual([alpha, bravo]);
  await engine.rename(alpha, 'zz-charlie');
  await expect.poll(() => containers.order()).toEqual([bravo, alpha]);
});

test('the sort order can be chosen and reversed', async ({ containers, engine, page }) => {
  const alpha = await engine.run('zz-alpha', { image: 'two' });
  const bravo = await engine.run('zz-bravo', { image: 'one' });
  await containers.open('?q=zz-');
  await expect.poll(() => containers.order()).toEqual([alpha, bravo]);
  await page.getByRole('combobox', { name: /Sort/ }).selectOption('Image');
  await expect.poll(() => containers.order()).toEqual([bravo, alpha]);
  expect(containers.query().sort).toBe('image');
  await page.getByRole('link', { name: 'Reverse order' }).click();
  await expect.poll(() => containers.order()).toEqual([alpha, bravo]);
  expect(containers.query().sort).toBe('image-desc');
});

test('table headings sort the list', async ({ containers, engine, page }) => {
  const alpha = await engine.run('zz-alpha');
  const bravo = await engine.run('zz-bravo');
  await engine.kill(alpha);
  await containers.open('?view=table&q=zz-');
  await containers.expectState(alpha, 'exited');
  const heading = page.getByRole('columnheader', { name: 'State' });
  await heading.getByRole('link').click();
  await expect(heading).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(() => containers.order()).toEqual([bravo, alpha]);
  await heading.getByRole('link').click();
  await expect(heading).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(() => containers.order()).toEqual([alpha, bravo]);
});

test('every column sorts in both directions', async ({ containers, engine, page }) => {
  await page.setViewportSize({ width: 1800, height: 900 });
  await engine.run('zz-alpha');
  await containers.open('?view=table&cols=state,cpu,memory,network,disk,pids,ports,project,image');
  for (const [name, key, first] of [
    ['CPU', 'cpu', 'descending'],
    ['Memory', 'memory', 'descending'],
    ['Network', 'network', 'descending'],
    ['Block I/O', 'block', 'descending'],
    ['Processes', 'pids', 'descending'],
    ['Project', 'project', 'ascending'],
    ['Name', undefined, 'ascending'],
  ] as const) {
    const heading = page.getByRole('columnheader', { name });
    await heading.getByRole('link').click();
    await expect(heading, name).toHaveAttribute('aria-sort', first);
    expect(containers.query().sort).toBe(key);
    await heading.getByRole('link').click();
    await expect(heading, name).not.toHaveAttribute('aria-sort', first);
    await expect(containers.all.first()).toBeVisible();
  }
});

test('rows keep their positions under the pointer, and move after it has left', async ({ containers, engine, page }) => {
  const alpha = await engine.run('zz-alpha');
  const bravo = await engine.run('zz-bravo');
  for (const group of ['', '&group=image']) {
    await containers.open(`?view=table&q=zz-&sort=state${group}`);
    await expect.poll(() => containers.order()).toEqual([alpha, bravo]);
    await containers.container(bravo).hover();
    await engine.pause(alpha);
    await containers.expectState(alpha, 'paused');
    expect(await containers.order()).toEqual([alpha, bravo]);
    await page.mouse.move(0, 0);
    await expect.poll(() => containers.order()).toEqual([bravo, alpha]);
    await engine.unpause(alpha);
    await containers.expectState(alpha, 'running');
  }
});
