// CPU and memory are meters with a name, a value and a text, on running containers only.

import { expect, test } from '../../support/test';

for (const view of ['cards', 'table']) {
  test(`${view}: a running container has meters with values`, async ({ containers, engine }) => {
    const id = await engine.run('lantern', { memoryBytes: 64 * 1024 * 1024 });
    await containers.open(`?view=${view}`);

    const cpu = containers.meter(id, /CPU/i);
    await expect(cpu).toHaveAttribute('aria-valuenow', /^\d+(\.\d+)?$/);
    await expect(cpu).toHaveAttribute('aria-valuetext', /%/);

    const memory = containers.meter(id, /memory/i);
    await expect(memory).toHaveAttribute('aria-valuenow', /^\d+(\.\d+)?$/);
    await expect(memory).toHaveAttribute('aria-valuetext', /[KMG]i?B/);
  });

  test(`${view}: meters appear when a container starts and disappear when it stops`, async ({ containers, engine }) => {
    const id = await engine.create('lantern');
    await containers.open(`?view=${view}`);
    await expect(containers.container(id)).toBeVisible();
    await expect(containers.container(id).getByRole('meter')).toHaveCount(0);
    await engine.start(id);
    await expect(containers.container(id).getByRole('meter')).toHaveCount(2);
    await engine.stop(id);
    await expect(containers.container(id).getByRole('meter')).toHaveCount(0);
  });
}
