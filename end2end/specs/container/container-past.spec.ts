// The past of a container on its page: marks on its charts, its successor, and its last state after
// removal.

import { expect, expectAccessible, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions', '--stats-interval', '1s'] });

test('charts mark events, which can be read with the focus and the slider', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { healthCommand: 'true' });
  await page.goto(`/containers/${id}`);
  await containers.expectConnection('Live');
  const cpu = page.getByRole('figure', { name: 'CPU (% of one core)' });
  await expect(cpu.locator('.time-chart__mark--started')).toHaveAttribute('d', /^M\d+ 0V100/);
  await engine.crash(id, { exitCode: 139 });
  await expect(cpu.locator('.time-chart__mark--trouble')).toHaveAttribute('d', /^M\d+ 0V100/);

  const events = page.getByRole('region', { name: 'Events in this window' });
  const end = events.getByRole('button', { name: /Failed/ });
  await expect(end).toContainText('Exit code 139: segmentation fault');
  await end.focus();
  const instant = page.getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d: Failed\. Exit code 139/);
  await expect(instant).toBeVisible();
  await expectAccessible(page);
  // The cursor stays on the event while time passes.
  const cursorAt = async () => Number(/^M(\d+) /.exec((await cpu.locator('.time-chart__cursor').getAttribute('d')) ?? '')?.[1]);
  const before = await cursorAt();
  await expect.poll(cursorAt).toBeLessThan(before - 10);
  await expect(instant).toBeVisible();

  // By the slider: the newest instants are near the right edge.
  const reader = page.getByRole('slider', { name: 'Time of the chart values' });
  await reader.focus();
  for (let step = 0; step < 150 && !/Failed/.test((await reader.getAttribute('aria-valuetext')) ?? ''); step += 1) await reader.press('ArrowLeft');
  await expect(reader).toHaveAttribute('aria-valuetext', /Failed\. Exit code 139/);
});

test('a removed container shows its last known state and links to its successor', async ({ containers, engine, guard, page }) => {
  // Its data is requested when it exits, and may be gone by then.
  guard.expectComplaint(/status of 404/);
  const labels = { 'com.docker.compose.project': 'harbour', 'com.docker.compose.service': 'light' };
  const old = await engine.run('lantern', { labels });
  await page.goto(`/containers/${old}`);
  await containers.expectConnection('Live');
  await engine.remove(old);
  const removed = page.getByRole('region', { name: 'Removed' });
  await expect(removed).toContainText('This container was removed.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('lantern');
  await expect(page.getByRole('article')).toHaveAttribute('data-stale', 'true');
  await expect(page.getByRole('button', { name: /^(Start|Stop|Kill)/ })).toHaveCount(0);
  await expectAccessible(page);

  const next = await engine.run('harbour-light-1', { labels });
  const link = removed.getByRole('link', { name: 'go to harbour-light-1' });
  await expect(link).toBeVisible();
  await link.click();
  await expect(page).toHaveURL(new RegExp(`/containers/${next}$`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('harbour-light-1');
});

test('the URL of a removed container links to its successor', async ({ containers, engine, guard, page }) => {
  guard.expectComplaint(/status of 404/);
  const old = await engine.run('lantern');
  await containers.open();
  await expect(containers.container(old)).toBeVisible();
  await engine.remove(old);
  const next = await engine.run('lantern');
  await expect(containers.container(next)).toBeVisible();
  await page.goto(`/containers/${old}`);
  await expect(page.getByText('Container not found')).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/lantern: was removed/);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'go to lantern' }).click();
  await expect(page).toHaveURL(new RegExp(`/containers/${next}$`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('lantern');
});

test('the id can be copied', async ({ containers, context, engine, page }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const id = await engine.run('lantern');
  await page.goto(`/containers/${id}`);
  await containers.expectConnection('Live');
  await page.getByRole('button', { name: 'Copy ID' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(id);
});

test.describe('phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('cells of the process table have the names of their columns', async ({ containers, engine, page }) => {
    const id = await engine.run('lantern');
    await page.goto(`/containers/${id}?tab=processes`);
    await containers.expectConnection('Live');
    const cells = page.getByRole('region', { name: 'Processes' }).locator('td');
    await expect(cells.first()).toBeVisible();
    const names = await cells.evaluateAll((all) => all.slice(0, 6).map((cell) => getComputedStyle(cell, '::before').content.replaceAll('"', '')));
    expect(names).toEqual(['PID', 'User', 'CPU, average', 'Memory', 'Started', 'Command']);
  });

  test('the page of a failed container does not overflow', async ({ containers, engine, page }) => {
    const id = await engine.run('lantern', { command: ['sh', '-c', `echo ${'long'.repeat(80)}; exit 1`] });
    await page.goto(`/containers/${id}`);
    await containers.expectConnection('Live');
    await expect(page.getByRole('region', { name: 'Why', exact: true })).toContainText('with an error');
    await expectAccessible(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
