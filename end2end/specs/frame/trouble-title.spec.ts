// The page's title and icon show problems, so that they are visible from another tab.

import { RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, test } from '../../support/test';

const FAILS = ['sh', '-c', 'exit 1'];

const icon = (page: import('@playwright/test').Page) => page.locator('link[rel=icon]').getAttribute('href');

test('the title counts failed containers, also when rendered by the server', async ({ containers, engine, page, request }) => {
  for (const { Id } of await engine.list()) await engine.remove(Id);
  await containers.open();
  await expect(page).toHaveTitle('Containers · Quaylight');

  const id = await engine.run('lantern', { command: FAILS });
  await engine.run('buoy', { command: FAILS });
  await expect(page).toHaveTitle('(2) Containers · Quaylight');
  await expect.poll(() => icon(page), { timeout: 15_000 }).toBe('/favicon-trouble.svg');
  expect((await request.get('/favicon-trouble.svg')).status()).toBe(200);
  const html = await (await request.get('/containers')).text();
  expect(html).toContain('<title>(2) Containers · Quaylight</title>');

  await engine.remove(id);
  await expect(page).toHaveTitle('(1) Containers · Quaylight');
});

test('a container stopped by request is not counted', async ({ containers, engine, page }) => {
  for (const { Id } of await engine.list()) await engine.remove(Id);
  const id = await engine.run('lantern');
  await containers.open();
  await engine.kill(id);
  await containers.expectState(id, 'exited');
  await expect(page).toHaveTitle('Containers · Quaylight');
});

test('title and icon show that the engine is lost, and that it is back', async ({ containers, engine, page, request }) => {
  for (const { Id } of await engine.list()) await engine.remove(Id);
  await containers.open();
  await engine.goAway();
  await expect(page).toHaveTitle('Disconnected – Containers · Quaylight', { timeout: RECOVERY_TIMEOUT });
  await expect.poll(() => icon(page), { timeout: 15_000 }).toBe('/favicon-disconnected.svg');
  expect((await request.get('/favicon-disconnected.svg')).status()).toBe(200);
  await engine.comeBack();
  await expect(page).toHaveTitle('Containers · Quaylight', { timeout: RECOVERY_TIMEOUT });
  await expect.poll(() => icon(page)).toBe('/favicon.svg');
});
