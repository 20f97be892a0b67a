// Addresses of containers by name, by the start of the id, and by the engine.

import { expect, expectAccessible, test } from '../../support/two-engines';

test('a name that one container has leads to it', async ({ containers, page, second }) => {
  const id = await second.run('buoy');
  await containers.open();
  await expect(containers.container(id)).toBeVisible();
  for (const address of ['/containers/buoy', `/containers/${id.slice(0, 12)}`, `/containers/${id}`, '/engines/b/containers/buoy']) {
    await page.goto(address);
    await expect(page.locator('article[data-container-id]')).toHaveAttribute('data-container-id', id);
  }
  await page.goto('/containers/buoy/logs');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Logs of buoy');
});

test('a name that two containers have leads to both', async ({ engine, page, second }) => {
  await engine.run('lantern');
  await second.run('lantern');
  // A page that found one of them would stay with it.
  const named = async (): Promise<number> => {
    const { containers } = await (await page.request.get('/api/containers')).json();
    return containers.filter((container: { name: string }) => container.name === 'lantern').length;
  };
  await expect.poll(named).toBe(2);
  await page.goto('/containers/lantern');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Several containers: lantern');
  await expectAccessible(page);
  const links = page.getByRole('main').getByRole('link', { name: 'lantern', exact: true });
  await expect(links).toHaveCount(2);
  await expect(links.first()).toHaveAttribute('href', '/engines/a/containers/lantern');
  await links.last().click();
  await expect(page).toHaveURL('/engines/b/containers/lantern');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('lantern');
});

test('a name that no container has is not found', async ({ guard, page, second }) => {
  guard.expectComplaint(/status of 404/);
  await second.run('buoy');
  for (const address of ['/containers/no-such-container', '/engines/a/containers/buoy', '/engines/c/containers/buoy']) {
    const response = await page.goto(address);
    expect(response!.status(), address).toBe(404);
    await expect(page.getByText('Container not found')).toBeVisible();
  }
});

test('the logs of two engines are merged', async ({ engine, page, second }) => {
  const [one, other] = [await engine.run('lantern'), await second.run('lantern')];
  await page.goto(`/logs?ids=a/${one},b/${other}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Logs of lantern (a), lantern (b)');
  await expect(page.getByRole('list', { name: 'Merged containers' }).getByRole('listitem')).toHaveCount(2);
});
