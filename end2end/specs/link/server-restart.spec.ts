// The server is killed and restarted while a page is open: rows stay, the indicator shows it, and
// the page becomes live without a reload.

import { SERVER_IS_DOWN } from '../../support/guard';
import { RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, test } from '../../support/test';

test('rows are kept while the server is down, and the page becomes live again', async ({ containers, engine, guard, page, server }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  const id = await engine.run('lantern');
  await containers.open();
  await expect(containers.container(id)).toBeVisible();
  await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'));

  await server.kill();
  await containers.expectConnection('Reconnecting');
  await expect(containers.container(id)).toBeVisible();

  // Changes in the meantime are shown afterwards.
  const missed = await engine.run('buoy');
  await engine.kill(id);

  await server.startAgain();
  await containers.expectConnection('Live', RECOVERY_TIMEOUT);
  await containers.expectState(id, 'exited');
  await expect(containers.container(missed)).toBeVisible();
  await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes');
});
