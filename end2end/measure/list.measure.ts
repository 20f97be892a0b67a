// Cost of a list of a thousand containers in the browser while all of them change every two
// seconds. Prints rows for docs/PERFORMANCE.md.

import { type Page } from '@playwright/test';
import { traceMainThread } from '../support/main-thread';
import { expect, test } from '../support/test';

test.use({ scenario: 'thousand', viewport: { width: 1280, height: 800 }, trace: 'off' });

const MINUTE = 60_000;
/** Time after which the first load is over, in milliseconds. */
const SETTLED = 10_000;
const UPDATES_PER_SECOND = 0.5;

const row = (...cells: (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);

for (const view of ['cards', 'table']) {
  test(`main thread, ${view}`, async ({ containers, page }) => {
    await containers.open(`?view=${view}`);
    await page.waitForTimeout(SETTLED);
    const { longestMillis, longTasks, millisPerSecond, scriptMillisPerSecond } = await traceMainThread(page, MINUTE);
    row(`${view}: tasks over 50 ms in 60 s`, 0, longTasks);
    row(`${view}: longest task, processor time`, '50 ms', `${longestMillis.toFixed(1)} ms`);
    row(`${view}: scripts per update, processor time`, '20 ms', `${(scriptMillisPerSecond / UPDATES_PER_SECOND).toFixed(1)} ms`);
    row(`${view}: all tasks, processor time`, '', `${millisPerSecond.toFixed(1)} ms/s`);
    expect(scriptMillisPerSecond, 'something was traced').toBeGreaterThan(0);
  });
}

test('time until interactive', async ({ browser, server }) => {
  const millis: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    // With an empty cache.
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${server.url}/containers`);
    await page.waitForFunction(() => performance.getEntriesByName('hydrated').length > 0);
    millis.push(await hydratedAfter(page));
    await context.close();
  }
  millis.sort((one, other) => one - other);
  row('first load: time until interactive after the first byte, median and worst of 10', '500 ms', `${millis[5]!.toFixed(0)} ms, ${millis[9]!.toFixed(0)} ms`);
});

/** From the first byte to the mark that the page sets when it is hydrated, in milliseconds. */
function hydratedAfter(page: Page): Promise<number> {
  return page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return performance.getEntriesByName('hydrated')[0]!.startTime - navigation!.responseStart;
  });
}
