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
