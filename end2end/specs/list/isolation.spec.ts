// A container for which the engine does not respond keeps its row and its page, with a note.

import { expect, test } from '../../support/test';

const UNANSWERED = 'inspect failed';

test('a container that inspect does not describe says so, and heals', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await expect(containers.container(id)).toBeVisible();
  await engine.faults({ containers: { lantern: { inspect: { status: 500 } } } });
  const words = containers.container(id).getByText(UNANSWERED);
  await expect(words).toBeVisible({ timeout: 30_000 });
  await expect(containers.container(id).getByTitle(/responded with status 500/)).toBeVisible();
  await expect(page.getByText(UNANSWERED)).toHaveCount(1);

  await page.goto(`/containers/${id}`);
  await expect(page.getByText(UNANSWERED).first()).toBeVisible();

  await engine.faults({ containers: { lantern: { inspect: null } } });
  await expect(page.getByText(UNANSWERED)).toHaveCount(0, { timeout: 30_000 });
});
