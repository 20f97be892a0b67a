// Changes are announced to screen readers: politely, summarized, and once.

import { RECOVERY_TIMEOUT } from '../../support/limits';
import { expect, test } from '../../support/test';

test('stopped containers are announced, several of them in one sentence', async ({ containers, engine, page }) => {
  const ids = [];
  for (const name of ['ash', 'birch', 'cedar', 'elm']) ids.push(await engine.run(name));
  await containers.open();
  const said = page.locator('[aria-live=polite][data-announcements]');
  await expect(said).toBeAttached({ timeout: 20_000 });
  await expect(said).toHaveText('');
  await engine.remove(ids[0]!);
  // A forced removal is also an exit; which of the two is announced depends on the time between
  // them.
  await expect(said).toHaveText(/^ash (was removed|stopped)\.$/);
  // Within the pause after that announcement.
  for (const id of ids.slice(1)) await engine.kill(id);
  await expect(said).toHaveText('3 containers stopped: birch, cedar and elm.', { timeout: 15_000 });
});

test('losing the engine is announced, and so is its return', async ({ containers, engine, page }) => {
  await containers.open();
  const said = page.locator('[aria-live=polite][data-announcements]');
  await expect(said).toBeAttached({ timeout: 20_000 });
  await engine.goAway();
  await expect(said).toHaveText('Disconnected. The list may be out of date.', { timeout: RECOVERY_TIMEOUT });
  await engine.comeBack();
  await expect(said).toHaveText('Connected again.', { timeout: RECOVERY_TIMEOUT });
});
