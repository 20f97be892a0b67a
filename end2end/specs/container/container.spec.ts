// The page of a container: its charts, configuration, processes, and the engine's messages.

import { expect, expectAccessible, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions', '--stats-interval', '1s'] });

test('charts are updated with samples and can be read at one time', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await page.goto(`/containers/${id}`);
  await containers.expectConnection('Live');
  const cpu = page.getByRole('figure', { name: 'CPU (% of one core)' });
  const line = cpu.locator('.time-chart__line');
  // At least two points: a line, not a dot.
  await expect(line).toHaveAttribute('d', /L/, { timeout: 15_000 });
  const before = await line.getAttribute('d');
  await expect(line).not.toHaveAttribute('d', before!);
  await expect(cpu).toContainText('%');
  await expect(page.getByRole('figure', { name: 'Memory (working set)' })).toContainText('MiB');
  await expect(page.getByRole('figure', { name: 'Network' })).toContainText('Received');

  const reader = page.getByRole('slider', { name: 'Time of the chart values' });
  await reader.focus();
  await reader.press('ArrowLeft');
  await expect(page.getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/).first()).toBeVisible();
  await page.getByRole('radiogroup', { name: 'Window' }).getByRole('radio', { name: '1h' }).check({ force: true });
  await expect(page.getByRole('radio', { name: '1h' })).toBeChecked();
  await expectAccessible(page);
});

test('secrets in the configuration are masked until the user shows them', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { env: ['DB_PASSWORD=lighthouse-9', 'TZ=UTC'], memoryBytes: 64 << 20 });
  await page.goto(`/containers/${id}`);
  await containers.expectConnection('Live');
  await page.getByRole('link', { name: 'Configuration' }).click();
  await expect(page).toHaveURL(/tab=configuration/);
  const environment = page.getByRole('region', { name: 'Environment' });
  await expect(environment).toContainText('DB_PASSWORD');
  await expect(environment).toContainText('UTC');
  expect(await page.content()).not.toContain('lighthouse-9');
  await expect(page.getByRole('main')).toContainText('64 MiB');
  await expect(page.getByRole('region', { name: 'Command' })).toContainText('docker run');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Show secrets' }).click();
  await expect(environment).toContainText('lighthouse-9');
  await page.getByRole('button', { name: 'Mask secrets' }).click();
  await expect(environment).not.toContainText('lighthouse-9');
});

test('processes are shown while the container is running', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await page.goto(`/containers/${id}?tab=processes`);
  await containers.expectConnection('Live');
  await expect(page.getByRole('region', { name: 'Processes' })).toContainText('sleep');
  await expectAccessible(page);
  await engine.stop(id);
  await expect(page.getByText('No processes: the container is not running.')).toBeVisible();
});

test('the inspect response is shown as text', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { labels: { note: '<img src=x onerror=alert(1)>' } });
  await page.goto(`/containers/${id}?tab=inspect`);
  await containers.expectConnection('Live');
  const inspect = page.getByRole('region', { name: 'Inspect' });
  await expect(inspect).toContainText(id);
  await expect(inspect).toContainText('<img src=x onerror=alert(1)>');
  await expectAccessible(page);
});

test('phone: no tab overflows', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { env: [`LONG=${'x'.repeat(400)}`] });
  await page.setViewportSize({ width: 360, height: 740 });
  for (const tab of ['overview', 'configuration', 'processes', 'inspect']) {
    await page.goto(`/containers/${id}?tab=${tab}`);
    await containers.expectConnection('Live');
    await expect(page.getByText('Loading…')).toHaveCount(0);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, tab).toBeLessThanOrEqual(0);
  }
});
