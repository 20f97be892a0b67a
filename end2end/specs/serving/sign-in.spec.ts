// Sign-in, the permissions of a user, and sign-out, as shown on the page.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { quaylightBinary } from '../../support/programs';
import { expect, expectAccessible, test } from '../../support/test';

const folder = mkdtempSync(path.join(tmpdir(), 'quaylight-users-'));
const PASSWORD = 'correct horse';

/** Runs `quaylight user …`, as on the server. */
const user = (args: string[]) =>
  execFileSync(quaylightBinary(), ['user', ...args, '--data-dir', folder], { input: `${PASSWORD}\n`, encoding: 'utf8' });

async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test.use({ serverArgs: ['--data-dir', folder] });

test.beforeAll(() => {
  user(['add', 'ada', '--role', 'operator']);
  user(['add', 'bob', '--role', 'viewer']);
});

test.afterAll(() => rmSync(folder, { recursive: true }));

test('signing in leads to the requested page, and signing out to the sign-in page', async ({ page, guard }) => {
  guard.expectComplaint(/401/);
  await page.goto('/containers?view=table');
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await expectAccessible(page);
  await signIn(page, 'ada', 'wrong password');
  await expect(page.getByRole('alert')).toHaveText('The name or the password is wrong.');
  await signIn(page, 'ada');
  await expect(page).toHaveURL(/\/containers\?view=table/);
  await expect(page.getByRole('status', { name: 'Connection' })).toContainText('Live');
  await expect(page.getByRole('complementary', { name: 'Signed in' })).toContainText('Signed in as ada, operator');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto('/events');
  await expect(page).toHaveURL(/\/sign-in\?to=\/events/);
});

test('a viewer has no actions, and an operator has them', async ({ page, guard }) => {
  // The stream ends with the session, and may reconnect before the page is left.
  guard.expectComplaint(/401/);
  await page.goto('/containers');
  await signIn(page, 'bob');
  await expect(page.getByRole('status', { name: 'Connection' })).toContainText('Live');
  await expect(page.getByRole('button', { name: /^Stop / })).toHaveCount(0);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, 'ada');
  await expect(page.getByRole('button', { name: /^Stop / }).first()).toBeVisible();
});

test('ending a session on the server signs out its open pages', async ({ page, context, guard }) => {
  guard.expectComplaint(/401/);
  await page.goto('/containers');
  await signIn(page, 'ada');
  await expect(page.getByRole('status', { name: 'Connection' })).toContainText('Live');
  const other = await context.newPage();
  await other.goto('/containers?view=table');
  await expect(other.getByRole('status', { name: 'Connection' })).toContainText('Live');
  user(['sign-out', 'ada']);
  for (const each of [page, other]) await expect(each.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});
