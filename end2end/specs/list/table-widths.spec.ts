// A narrow table hides or merges columns: the actions of a container stay reachable at any width.

import { expect, test } from '../../support/test';

test.use({ serverArgs: ['--allow-actions'] });

const WIDTHS = [320, 360, 740, 768, 800, 1008, 1024, 1050, 1086, 1280, 1600, 3840];
const LONG = 'a-container-with-a-name-that-is-longer-than-any-column-there-could-be-for-it';

for (const path of ['/containers?view=table', '/containers?view=table&density=compact', '/realtime-test']) {
  test(`the last button of every row is inside the table at any width: ${path}`, async ({ containers, engine, page }) => {
    const ports = [{ container: 8443, host: 28443 }, { container: 8080, host: 29999 }, { container: 9090, host: 29090 }];
    const labels = { 'com.docker.compose.project': LONG, 'com.docker.compose.service': LONG };
    const id = await engine.run(LONG, { image: LONG, labels, ports });
    await page.goto(path);
    await containers.expectConnection('Live');
    await expect(containers.container(id)).toBeVisible();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const outside = await page.getByRole('table').evaluate((table) => {
        const edge = table.getBoundingClientRect().right;
        const rows = [...table.querySelectorAll('[data-container-id]')];
        const isOutside = (row: Element) => [...row.querySelectorAll('button')].at(-1)!.getBoundingClientRect().right > edge;
        return rows.filter(isOutside).map((row) => row.textContent);
      });
      expect(outside, `rows with a button outside the table at ${width} px`).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `the page scrolls sideways at ${width} px`).toBeLessThanOrEqual(0);
    }
  });
}

test('values that do not fit into a compact row are in its tooltip', async ({ containers, engine, page }) => {
  const ports = [{ container: 8443, host: 28443 }, { container: 8080, host: 29999 }, { container: 9090, host: 29090 }];
  const id = await engine.run('lantern', { ports });
  await page.setViewportSize({ width: 1200, height: 800 });
  await containers.open('?view=table&density=compact');
  await expect(containers.container(id).getByTitle('28443→8443, 29090→9090, 29999→8080')).toBeVisible();
  await expect(containers.container(id).getByTitle(/^Running.* Up since/)).toBeVisible();
});

test('a chosen column is shown at every width that has room for it', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { ports: [{ container: 80, host: 28080 }] });
  const shown = (name: string) => page.getByRole('columnheader', { name });
  // A compact row has times and numbers side by side, and needs more room.
  for (const [density, widths] of [['normal', [1040, 1200, 1440]], ['compact', [1200, 1440]]] as const) {
    await containers.open(`?view=table&density=${density}&cols=state,cpu,pids,network`);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      for (const name of ['State', 'CPU', 'Processes', 'Network']) await expect(shown(name), `${name} at ${width} px`).toBeVisible();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${width} px`).toBeLessThanOrEqual(0);
    }
  }
  // There is no room beside the other columns.
  await containers.open('?view=table&cols=state,cpu,memory,network,disk,pids,ports,project');
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(containers.container(id)).toBeVisible();
  await expect(shown('Processes')).toBeHidden();
});
