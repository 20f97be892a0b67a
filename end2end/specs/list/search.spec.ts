// Search narrows the list while typing, and is in the URL.

import { expect, test } from '../../support/test';

test('search by name and by image', async ({ containers, engine }) => {
  const lantern = await engine.run('lantern', { image: 'registry.example/harbour/light:2' });
  const buoy = await engine.run('buoy');
  await containers.open();

  await containers.search.fill('lant');
  await expect(containers.container(buoy)).toHaveCount(0);
  await expect(containers.container(lantern)).toBeVisible();
  await expect.poll(() => containers.query().q).toBe('lant');

  await containers.search.fill('harbour/light');
  await expect(containers.container(lantern)).toBeVisible();
  await expect(containers.container(buoy)).toHaveCount(0);

  await containers.search.fill('');
  await expect(containers.container(buoy)).toBeVisible();
  await expect.poll(() => containers.query().q).toBeUndefined();
});

test('a search without matches can be cleared', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open('?q=no-such-thing');
  await expect(containers.all).toHaveCount(0);
  await page.getByRole('main').getByRole('link', { name: 'Clear search and filter' }).click();
  await expect(containers.container(id)).toBeVisible();
});

test('a container that starts to match is added to the results', async ({ containers, engine }) => {
  const id = await engine.run('buoy');
  await containers.open('?q=lantern');
  await expect(containers.container(id)).toHaveCount(0);
  await engine.rename(id, 'lantern');
  await expect(containers.container(id)).toBeVisible();
});

test('a search in the URL is also applied by the server', async ({ engine, request }) => {
  await engine.run('lantern');
  await engine.run('buoy');
  const html = await (await request.get('/containers?q=lantern')).text();
  expect(html).toContain('lantern');
  expect(html.replace(/<script[\s\S]*?<\/script>/g, '')).not.toContain('buoy');
});
