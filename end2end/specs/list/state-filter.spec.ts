// The state filter narrows the list to the chosen states and follows the containers as they change.

import { expect, test } from '../../support/test';

test('the filter shows only running or only stopped containers', async ({ containers, engine }) => {
  const running = await engine.run('lantern');
  const stopped = await engine.run('buoy');
  await engine.kill(stopped);
  await containers.open('?state=running');
  await expect(containers.container(running)).toBeVisible();
  await expect(containers.container(stopped)).toHaveCount(0);
  await containers.open('?state=exited');
  await expect(containers.container(stopped)).toBeVisible();
  await expect(containers.container(running)).toHaveCount(0);
});

test('a container that changes its state leaves or joins the filtered list', async ({ containers, engine }) => {
  const id = await engine.run('lantern');
  await containers.open('?state=running');
  await expect(containers.container(id)).toBeVisible();
  await engine.kill(id);
  await expect(containers.container(id)).toHaveCount(0);
  await engine.start(id);
  await expect(containers.container(id)).toBeVisible();
});

test('a link selects a state, and another one clears it', async ({ containers, engine, page }) => {
  const running = await engine.run('lantern');
  const stopped = await engine.run('buoy');
  await engine.kill(stopped);
  await containers.open();
  const states = page.getByRole('group', { name: 'State' });
  await states.getByRole('link', { name: /^Stopped/ }).click();
  await expect.poll(() => containers.query().state).toBe('exited');
  await expect(containers.container(running)).toHaveCount(0);
  await expect(states.getByRole('link', { name: /^Stopped/ })).toHaveAttribute('aria-current', 'true');
  await states.getByRole('link', { name: /^All/ }).click();
  await expect(containers.container(running)).toBeVisible();
});
