// Sign-in with a real OpenID provider on another site: browsers withhold Strict cookies on
// navigation from there.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Page, test as base, expect } from '@playwright/test';
import { Guard } from '../../support/guard';
import { OpenIdProvider } from '../../support/openid';
import { Quaylight } from '../../support/server';

type Fixtures = { quay: string; guard: Guard };

const test = base.extend<Fixtures>({
  quay: async ({}, use) => {
    const [port, folder] = [await freePort(), mkdtempSync(path.join(tmpdir(), 'quaylight-'))];
    const url = `http://quay.localhost:${port}`;
    const provider = await OpenIdProvider.start(`${url}/sign-in/callback`);
    const secret = path.join(folder, 'secret');
    writeFileSync(secret, OpenIdProvider.SECRET);
    const client = ['--oidc-issuer', provider.issuer, '--oidc-client-id', 'quaylight', '--oidc-client-secret-file', secret];
    const own = ['--public-url', url, '--group-role', 'ops=operator', '--data-dir', folder];
    const server = await Quaylight.start('demo:quiet:3', [...client, ...own], `127.0.0.1:${port}`);
    await use(url);
    await server.end();
    await provider.end();
    rmSync(folder, { recursive: true });
  },

  guard: [
    async ({ context, quay }, use) => {
      const guard = new Guard();
      guard.expectComplaint(/^foreign host: http:\/\/127\.0\.0\.1:\d+\/(auth|interaction)/);
      await guard.watch(context, quay);
      await use(guard);
      guard.verify();
    },
    { auto: true },
  ],
});

const freePort = () =>
  new Promise<number>((resolve) => {
    const taken = createServer().listen(0, '127.0.0.1', () => {
      const { port } = taken.address() as { port: number };
      taken.close(() => resolve(port));
    });
  });

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Sign in with OpenID' }).click();
  await page.getByLabel('Who are you?').fill(name);
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('after signing in, a user returns to the requested page, and can sign out', async ({ page, context, quay, guard }) => {
  // The stream ends with the session, and may reconnect before the page is left.
  guard.expectComplaint(/status of 401/);
  await page.goto(`${quay}/containers?view=table`);
  await signIn(page, 'ada');
  await expect(page).toHaveURL(`${quay}/containers?view=table`);
  await expect(page.getByText('Signed in as ada, operator')).toBeAttached();
  const cookies = (await context.cookies(quay)).filter((cookie) => cookie.name.startsWith('quaylight-'));
  expect(cookies.map(({ name, sameSite, httpOnly }) => ({ name, sameSite, httpOnly }))).toEqual([
    { name: 'quaylight-session', sameSite: 'Strict', httpOnly: true },
  ]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  // With the page's address if the end of its stream leads there first.
  await expect(page).toHaveURL(/\/sign-in(\?to=.*)?$/);
  expect((await context.cookies(quay)).filter((cookie) => cookie.name.startsWith('quaylight-'))).toEqual([]);
});

test('a user whose groups have no role is refused with a message', async ({ page, quay, guard }) => {
  guard.expectComplaint(/status of 403/);
  await page.goto(quay);
  await signIn(page, 'eve');
  await expect(page.getByRole('alert')).toHaveText('Signed in as eve, but none of your groups has a role here.');
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});
