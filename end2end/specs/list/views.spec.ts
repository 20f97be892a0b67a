// Cards or table, normal or compact: the choice is in the URL and survives a reload.

import { expect, test } from '../../support/test';

test('the root URL redirects to the list', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveURL(/\/containers/);
});

test('cards and table show the same containers', async ({ containers, engine }) => {
  await engine.run('lantern');
  await containers.open();
  await containers.view('Table').check();
  await expect.poll(() => containers.query().view).toBe('table');
  await expect(containers.page.getByRole('table')).toBeVisible();
  const inTable = (await containers.order()).sort();

  await containers.view('Cards').check();
  await expect(containers.page.getByRole('table')).toHaveCount(0);
  expect((await containers.order()).sort()).toEqual(inTable);
});

test('the view in the URL is rendered by the server and kept by the page', async ({ containers, request }) => {
  // The server may still be connecting to the engine.
  await expect.poll(async () => (await request.get('/containers?view=table')).text()).toMatch(/<table|role="table"/);
  await containers.open('?view=table');
  await expect(containers.view('Table')).toBeChecked();
  await expect(containers.page.getByRole('table')).toBeVisible();
  await containers.page.reload();
  await expect(containers.view('Table')).toBeChecked();
});

test('the view can be changed with the keyboard', async ({ containers, page }) => {
  await containers.open('?view=cards');
  await containers.view('Cards').focus();
  await page.keyboard.press('ArrowRight');
  await expect(containers.view('Table')).toBeChecked();
  await expect(containers.view('Table')).toBeFocused();
});

test('compact rows are lower, and the density is in the URL', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open('?view=table');
  const height = async () => (await containers.container(id).boundingBox())!.height;
  const roomy = await height();
  await page.getByRole('radiogroup', { name: 'Density' }).getByRole('radio', { name: 'Compact' }).check({ force: true });
  await expect.poll(() => containers.query().density).toBe('compact');
  await expect.poll(height).toBeLessThan(roomy);
});
