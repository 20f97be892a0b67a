// Times of day are in the user's time zone everywhere; tooltips have the exact time in UTC.

import { expect, test } from '../../support/test';

// No daylight saving time, and half an hour off: no other zone gives the same result.
test.use({ timezoneId: 'Asia/Kolkata' });

/** The time of day in the zone above. */
function local(instant: string): string {
  const shifted = new Date(Date.parse(instant) + 330 * 60_000);
  return shifted.toISOString().slice(11, 19);
}

test('times in events and "Why?" are local, with UTC in the tooltip', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern', { command: ['sh', '-c', 'echo lit; exit 3'] });
  await containers.open();
  await containers.expectState(id, 'exited');
  await page.goto(`/events?container=${id}`);
  const time = page.locator(`[data-event-container="${id}"] time`).first();
  await expect(time).toHaveAttribute('title', / UTC$/);
  const instant = (await time.getAttribute('datetime')) ?? '';
  await expect(time).toHaveText(local(instant));

  await page.goto(`/containers/${id}`);
  const why = page.getByRole('region', { name: 'Why', exact: true });
  await expect(why).toContainText(/Ended \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, /);
  await expect(why).not.toContainText('UTC');
});

test('a requested stop is not a failure, even with exit code 137', async ({ containers, engine, page }) => {
  const stopped = await engine.run('lantern');
  const killed = await engine.run('anchor');
  await containers.open();
  await engine.kill(stopped);
  await containers.expectState(stopped, 'exited');
  await expect(containers.container(stopped)).toContainText('137');
  await expect(containers.container(stopped).locator('.state-badge--failed')).toHaveCount(0);
  await engine.crash(killed, { exitCode: 137 });
  await containers.expectState(killed, 'exited');
  await expect(containers.container(killed).locator('.state-badge--failed')).toHaveCount(1);
  await page.goto('/events?show=trouble');
  await expect(page.locator(`[data-event-container="${killed}"]`).first()).toContainText('Killed');
  await expect(page.locator(`[data-event-container="${stopped}"]`)).toHaveCount(0);
});
