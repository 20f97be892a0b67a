// With one engine, nothing says its name.

import { expect, test } from '../../support/test';

test('one engine is not named in the list, in links and in the header', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await expect(containers.container(id).getByRole('link', { name: 'lantern', exact: true })).toHaveAttribute('href', '/containers/lantern');
  await expect(page.locator('.engine-tag')).toHaveCount(0);
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Engines' })).toHaveCount(0);
});
