// The order of the list: by name, by state, by use; the choice stands in the address, and rows keep their place as numbers change.

import { expect, test } from '../support/test';

test('sorted by name', async ({ containers, engine }) => {
  const names = ['delta', 'alpha', 'charlie', 'bravo'];
  const ids = await Promise.all(names.map((name) => engine.run(`zz-${name}`)));
  await containers.open('?q=zz-&sort=name');
  await expect.poll(() => containers.order()).toEqual([ids[1], ids[3], ids[2], ids[0]]);
});

test('a renamed container moves to its new place', async ({ containers, engine }) => {
  const alpha = await engine.run('zz-alpha');
  const bravo = await engine.run('zz-bravo');
  await containers.open('?q=zz-&sort=name');
  await expect.poll(() => containers.order()).toEqual([alpha, bravo]);
  await engine.rename(alpha, 'zz-charlie');
  await expect.poll(() => containers.order()).toEqual([bravo, alpha]);
});

test('the order is chosen and turned round', async ({ containers, engine, page }) => {
  const alpha = await engine.run('zz-alpha', { image: 'two' });
  const bravo = await engine.run('zz-bravo', { image: 'one' });
  await containers.open('?q=zz-');
  await expect.poll(() => containers.order()).toEqual([alpha, bravo]);
  await page.getByRole('combobox', { name: /Sort/ }).selectOption('Image');
  await expect.poll(() => containers.order()).toEqual([bravo, alpha]);
  expect(containers.query().sort).toBe('image');
  await page.getByRole('link', { name: 'Reverse the order' }).click();
  await expect.poll(() => containers.order()).toEqual([alpha, bravo]);
  expect(containers.query().sort).toBe('image-desc');
});

test('the headings of the table sort', async ({ containers, engine, page }) => {
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
