// View, density, search, state filter and sort order are in the URL: it can be reloaded, revisited
// and shared.

import { expect, test } from '../../support/test';

test('a URL restores the whole view', async ({ containers, engine }) => {
  const stopped = await engine.run('lantern-2');
  await engine.kill(stopped);
  const first = await engine.run('lantern-1');
  await engine.run('buoy');
  await containers.open('?view=table&density=compact&q=lantern&state=running&sort=name');
  await expect(containers.view('Table')).toBeChecked();
  await expect(containers.search).toHaveValue('lantern');
  await expect.poll(() => containers.order()).toEqual([first]);
});

test('a reload keeps the view', async ({ containers, engine, page }) => {
  await engine.run('lantern');
  await containers.open();
  await containers.search.fill('lantern');
  await containers.view('Table').check();
  await expect.poll(() => containers.query()).toMatchObject({ q: 'lantern', view: 'table' });
  const before = await containers.order();
  await page.reload();
  await containers.expectConnection('Live');
  await expect(containers.search).toHaveValue('lantern');
  expect(await containers.order()).toEqual(before);
});

test('the back button undoes a change of view', async ({ containers, page }) => {
  await containers.open('?view=cards');
  await containers.view('Table').check();
  await expect.poll(() => containers.query().view).toBe('table');
  await page.goBack();
  await expect(containers.view('Cards')).toBeChecked();
  await page.goForward();
  await expect(containers.view('Table')).toBeChecked();
});

test('invalid values in the URL are ignored', async ({ containers, engine }) => {
  const id = await engine.run('lantern');
  await containers.open('?view=hologram&density=42&state=flying&sort=%00&group=%F0%9F%9A%A2&other=1');
  await expect(containers.container(id)).toBeVisible();
  await expect(containers.view('Cards')).toBeChecked();
});

test('a URL with a trailing slash redirects to the one without', async ({ request }) => {
  for (const [path, address] of [['/containers/?view=table', '/containers?view=table'], ['/realtime-test/', '/realtime-test']] as const) {
    const response = await request.get(path, { maxRedirects: 0 });
    expect([response.status(), response.headers().location]).toEqual([308, address]);
  }
});
