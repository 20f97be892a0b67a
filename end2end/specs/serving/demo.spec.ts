// Without an engine Quaylight can show a simulated one, and every page says so.

import { Quaylight } from '../../support/server';
import { expect, test as base } from '../../support/test';

const test = base.extend<{ server: Quaylight }>({
  server: async ({}, use) => {
    const server = await Quaylight.start('demo');
    await use(server);
    await server.end();
  },
});

for (const path of ['/containers', '/containers?view=table', '/realtime-test', '/no/such/place']) {
  test(`the demo engine is named on ${path}`, async ({ containers, guard, page }) => {
    guard.expectComplaint(/status of 404/);
    await page.goto(path);
    await expect(page.getByRole('banner')).toContainText('Demo engine');
    await containers.expectConnection('Live');
    await expect(page.getByRole('banner')).toContainText('Demo engine');
  });
}
