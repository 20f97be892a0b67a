// Image names: shortened if they are ids, marked if the name refers to another image, and one group
// per image.

import { expect, test } from '../../support/test';

test('an outdated image name is marked, and each image is one group', async ({ containers, engine, page }) => {
  const first = await engine.run('lantern-1', { image: 'harbour/lantern:latest' });
  await containers.open('?q=lantern&group=image');
  await expect(containers.container(first)).toContainText('harbour/lantern:latest');
  const imageId = (JSON.parse((await engine.call('GET', `/containers/${first}/json`)).body) as { Image: string }).Image;
  const short = `sha256:${imageId.slice(7, 19)}`;
  const byId = await engine.run('lantern-2', { image: imageId });
  const byDigits = await engine.run('lantern-3', { image: imageId.slice(7, 19) });
  for (const id of [byId, byDigits]) await expect(containers.container(id).getByText(short, { exact: true })).toBeVisible();
  const headings = page.getByRole('heading', { level: 2 });
  await expect(headings).toHaveCount(1);
  await expect(headings).toContainText('harbour/lantern:latest');

  await engine.moveTag('harbour/lantern', 'latest');
  const next = await engine.run('lantern-4', { image: 'harbour/lantern:latest' });
  await expect(containers.container(first)).toContainText('older harbour/lantern:latest', { timeout: 15_000 });
  await expect(containers.container(next).getByText('harbour/lantern:latest', { exact: true })).toBeVisible();
  await expect(headings).toHaveCount(2);
  await expect(headings.filter({ hasText: 'older harbour/lantern:latest' })).toContainText('3 of 3 running');

  await containers.search.fill(`image:${imageId.slice(7, 15)}`);
  await expect(containers.all).toHaveCount(3);
  await containers.search.fill('image:lantern');
  await expect(containers.all).toHaveCount(2); // a name, not an id
});
