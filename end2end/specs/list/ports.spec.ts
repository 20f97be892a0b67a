// Ports: with their host address, as links only if this browser can reach them, kept while the
// container is stopped, and as ranges.

import { expect, expectAccessible, test } from '../../support/test';

for (const view of ['cards', 'table']) {
  test(`${view}: a host address is shown, and each address is one entry`, async ({ containers, engine }) => {
    const ports = [
      { container: 5432, host: 15432, ip: '127.0.0.1' },
      { container: 5432, host: 15432, ip: '192.0.2.7' },
    ];
    const id = await engine.run('lantern', { ports });
    await containers.open(`?view=${view}&q=lantern`);
    // This browser runs on the machine of 127.0.0.1.
    const link = (name: string) => containers.container(id).getByRole('link', { name, exact: true });
    await expect(link('127.0.0.1:15432→5432')).toHaveAttribute('href', 'http://127.0.0.1:15432');
    await expect(link('192.0.2.7:15432→5432')).toHaveAttribute('href', 'http://192.0.2.7:15432');
  });

  test(`${view}: the ports of a stopped container are dimmed, searchable, and not links`, async ({ containers, engine, page }) => {
    const id = await engine.run('lantern', { ports: [{ container: 80, host: 28080 }] });
    await containers.open(`?view=${view}&q=port:28080`);
    await expect(containers.container(id).getByRole('link', { name: '28080→80' })).toHaveAttribute('href', /:28080$/);
    await engine.kill(id);
    await containers.expectState(id, 'exited');
    await expect(containers.container(id).getByText('28080→80')).toBeVisible();
    await expect(containers.container(id).getByRole('link', { name: '28080→80' })).toHaveCount(0);
    await expect(containers.container(id).getByTitle('28080→80; currently closed')).toBeVisible();
    await expectAccessible(page);
    await engine.start(id);
    await expect(containers.container(id).getByRole('link', { name: '28080→80' })).toBeVisible();
  });
}

test.describe('a page opened from another machine', () => {
  test.use({ serverArgs: ['--allowed-hosts', 'nas.example', '--insecure-no-auth'] });

  test('has no link to a port on the loopback address', async ({ engine, server }) => {
    await engine.run('lantern', { ports: [{ container: 80, host: 28080 }, { container: 5432, host: 15432, ip: '127.0.0.1' }] });
    const { request } = await import('node:http');
    const { hostname, port } = new URL(server.url);
    const load = () => new Promise<string>((resolve, reject) => {
      const call = request({ hostname, port, path: '/containers?q=lantern', headers: { Host: 'nas.example' } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('end', () => resolve(text));
      });
      call.once('error', reject).end();
    });
    await expect.poll(load).toContain('28080→80');
    const html = await load();
    expect(html).toContain('href="http://nas.example:28080"');
    expect(html).toContain('127.0.0.1:15432→5432');
    expect(html).not.toContain(':15432"');
  });
});

test('a port range is one entry, even if host and container ports differ', async ({ containers, engine, page }) => {
  const ports = Array.from({ length: 101 }, (_, at) => ({ container: 10_000 + at, host: 20_000 + at, protocol: 'udp' as const }));
  const id = await engine.run('lantern', { ports });
  await containers.open('?q=port:20050');
  await expect(containers.container(id).getByText('20000–20100→10000–10100/udp')).toBeVisible();
  await page.goto(`/containers/${id}`);
  await expect(page.getByText('20000–20100→10000–10100/udp')).toBeVisible();
  await expect(page.getByText('20050→')).toHaveCount(0);
});
