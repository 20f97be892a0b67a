// Without --allow-actions nothing on the page can change a container, and the API refuses with a
// message that names the flag.

import { expect, test } from '../../support/test';

for (const view of ['cards', 'table']) {
  test(`${view}: no action buttons are shown`, async ({ containers, engine }) => {
    const id = await engine.run('lantern');
    await containers.open(`?view=${view}`);
    await expect(containers.container(id)).toBeVisible();
    await expect(containers.container(id).getByRole('button', { name: /start|stop|pause|kill|remove/i })).toHaveCount(0);
  });
}

test('the API refuses an action and names the flag', async ({ engine, request, server }) => {
  const id = await engine.run('lantern');
  const response = await request.post(`/api/containers/${id}/stop`, { headers: { Origin: server.url } });
  expect(response.status()).toBe(403);
  expect(response.headers()['content-type']).toContain('application/problem+json');
  expect(JSON.stringify(await response.json())).toContain('--allow-actions');
  expect(await engine.stateOf(id)).toBe('running');
});
