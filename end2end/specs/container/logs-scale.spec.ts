// A hundred thousand lines: only those near the viewport are rendered, scrolling shows the right
// ones immediately, the oldest are dropped, and following leaves the main thread free.

import { LogPage, counting } from '../../support/log-page';
import { traceMainThread } from '../../support/main-thread';
import { expect, test } from '../../support/test';

test.setTimeout(180_000);

/** Maximum number of lines on the page. */
const MAX_LINES = 100_000;
/** Duration of the measurement while lines arrive, in milliseconds. */
const MEASURED_MILLIS = 8_000;
/** Maximum CPU time of a task, in milliseconds: 50, and 100 on a machine half as fast. */
const MAX_TASK_MILLIS = 100;

test('100,000 lines are scrolled and followed without long tasks', async ({ engine, page }) => {
  const log = new LogPage(page);
  const id = await engine.run('lantern', { command: counting(0.2, `seq ${MAX_LINES}`) });
  await log.open(id, `?tail=${MAX_LINES}`);
  await expect(page.getByText(/^100,000 lines; [\d,]+ older lines dropped/)).toBeVisible({ timeout: 120_000 });
  await expect.poll(() => log.distanceToEnd()).toBeLessThanOrEqual(4);
  expect(await log.lines.count()).toBeLessThan(150);

  const { longestMillis, millisPerSecond } = await traceMainThread(page, MEASURED_MILLIS);
  console.log(`following: longest task ${longestMillis.toFixed(1)} ms of CPU time, ${millisPerSecond.toFixed(1)} ms per second in total`);
  expect(millisPerSecond, 'something was traced').toBeGreaterThan(0);
  expect(longestMillis).toBeLessThanOrEqual(MAX_TASK_MILLIS);

  // The visible lines stay in place although the oldest are dropped.
  await log.region.evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
  await expect(page.getByRole('button', { name: /Follow$/ })).toBeVisible();
  const middle = await log.firstSeen();
  expect(Number(middle)).toBeGreaterThan(MAX_LINES * 0.4);
  await expect(page.getByRole('button', { name: /([5-9]|\d\d) new lines – Follow$/ })).toBeVisible();
  expect(await log.firstSeen()).toBe(middle);

  // A jump is rendered within the next frames, complete and in order.
  for (const share of [0.9, 0.1, 0.77, 0.33]) {
    const rendered = await log.region.evaluate(async (element, share) => {
      element.scrollTop = element.scrollHeight * share;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      const { top, bottom } = element.getBoundingClientRect();
      const rows = [...element.querySelectorAll('.log-row')].map((row) => ({ row, box: row.getBoundingClientRect() }));
      const seen = rows.filter(({ box }) => box.bottom > top && box.top < bottom);
      const numbers = seen.map(({ row }) => Number(row.querySelector('.log-line__text')!.textContent));
      return { numbers, covered: seen[0]!.box.top <= top + 1 && seen.at(-1)!.box.bottom >= bottom - 2 };
    }, share);
    expect(rendered.covered, `the window at ${share} is filled`).toBe(true);
    expect(rendered.numbers).toEqual(rendered.numbers.map((_, at) => rendered.numbers[0]! + at));
  }

  await log.search.fill('99999');
  await expect(page.getByText('1 found', { exact: true })).toBeVisible({ timeout: 30_000 });
  await log.search.press('Enter');
  await expect(page.getByText('1 of 1', { exact: true })).toBeVisible();
  await expect(log.text('99999')).toBeInViewport();
});
