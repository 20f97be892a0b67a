// A container for which the engine does not respond keeps its row and its page, with a note.

import { expect, test } from '../../support/test';

const INSPECT_FAILED = 'inspect failed';

test('a container whose inspect fails has a note until inspect works again', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open();
  await expect(containers.container(id)).toBeVisible();
  await engine.faults({ containers: { lantern: { inspect: { status: 500 } } } });
  const words = containers.container(id).getByText(INSPECT_FAILED);
  await expect(words).toBeVisible({ timeout: 30_000 });
  await expect(containers.container(id).getByTitle(/responded with status 500/)).toBeVisible();
  await expect(page.getByText(INSPECT_FAILED)).toHaveCount(1);

  await page.goto(`/containers/${id}`);
  await expect(page.getByText(INSPECT_FAILED).first()).toBeVisible();

  await engine.faults({ containers: { lantern: { inspect: null } } });
  await expect(page.getByText(INSPECT_FAILED)).toHaveCount(0, { timeout: 30_000 });
});
