// Containers are grouped under headings with their total usage, and groups can be collapsed.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 2, name });

test('containers of a project are a group with totals, which can be collapsed', async ({ containers, engine, page }) => {
  const web = await engine.run('lantern', { labels: { 'com.docker.compose.project': 'harbour' } });
  const db = await engine.run('buoy', { labels: { 'com.docker.compose.project': 'harbour' } });
  await engine.stop(db);
  await containers.open('?view=table');
  await page.getByRole('combobox', { name: /^Group/ }).selectOption('Project');
  await expect(heading(page, 'harbour')).toContainText('1 of 2 running');
  await expect(heading(page, 'harbour')).toContainText('CPU');

  const fold = heading(page, 'harbour').getByRole('link');
  await expect(fold).toHaveAttribute('aria-expanded', 'true');
  await fold.press('Enter');
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await expect(containers.container(web)).toHaveCount(0);
  await expect(page).toHaveURL(/fold=harbour/);

  await page.reload();
  await containers.expectConnection('Live');
  await expect(containers.container(db)).toHaveCount(0);
  await heading(page, 'harbour').getByRole('link').click();
  await expect(containers.container(web)).toBeVisible();
});

test('the group of a host has the name of the host', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open('?group=host');
  await expect(containers.container(id)).toBeVisible();
  const response = await page.request.get('/api/containers');
  const { engines } = (await response.json()) as { engines: { name: string }[] };
  await expect(heading(page, engines[0]!.name)).toContainText(/of \d+ running/);
});

test('containers can be grouped by a label', async ({ containers, engine, page }) => {
  const web = await engine.run('lantern', { labels: { team: 'light <b>' } });
  await containers.open();
  await page.getByRole('combobox', { name: /^Group/ }).selectOption('Label');
  await page.getByLabel('Label to group by').fill('team');
  await page.getByLabel('Label to group by').press('Enter');
  await expect(heading(page, 'light <b>')).toContainText('1 of 1 running');
  await expect(heading(page, 'No label team')).toBeVisible();
  await expect(containers.container(web)).toBeVisible();
});

test('a search supports fields, numbers and negation', async ({ containers, engine }) => {
  const web = await engine.run('lantern', { labels: { team: 'light' }, image: 'registry.example/harbour:2' });
  const db = await engine.run('buoy', { labels: { team: 'sea' } });
  await engine.stop(db);
  await containers.open();
  for (const [search, found, missed] of [
    ['label:team=light', web, db],
    ['label:team state:exited', db, web],
    ['label:team -state:exited', web, db],
    ['image:harbour mem:>0', web, db],
    ['registry.example/harbour:2', web, db],
  ] as const) {
    await containers.search.fill(search);
    await expect(containers.container(found), search).toHaveCount(1);
    await expect(containers.container(missed), search).toHaveCount(0);
  }
});

test('a group heading counts unhealthy containers', async ({ containers, engine, page }) => {
  const labels = { 'com.docker.compose.project': 'harbour' };
  const id = await engine.run('lantern', { labels, healthCommand: 'true' });
  await engine.run('buoy', { labels });
  await engine.setHealth(id, false);
  await containers.open('?group=project');
  await expect(heading(page, 'harbour')).toContainText('2 of 2 running, 1 unhealthy', { timeout: 20_000 });
});
