// Without --allow-actions nothing on the page can change a container, and the API refuses with a
// message that names the flag.

import { expect, test } from '../../support/test';

for (const view of ['cards', 'table']) {
  test(`${view}: no controls`, async ({ containers, engine }) => {
    const id = await engine.run('lantern');
    await containers.open(`?view=${view}`);
    await expect(containers.container(id)).toBeVisible();
    await expect(containers.container(id).getByRole('button', { name: /start|stop|pause|kill|remove/i })).toHaveCount(0);
  });
}

test('the API refuses and names the flag', async ({ engine, request, server }) => {
  const id = await engine.run('lantern');
  const answer = await request.post(`/api/containers/${id}/stop`, { headers: { Origin: server.url } });
  expect(answer.status()).toBe(403);
  expect(answer.headers()['content-type']).toContain('application/problem+json');
  expect(JSON.stringify(await answer.json())).toContain('--allow-actions');
  expect(await engine.stateOf(id)).toBe('running');
});
