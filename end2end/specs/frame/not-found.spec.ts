// An unknown URL shows a message with status 404 and a link.

import { expect, test } from '../../support/test';

test('an unknown URL returns 404 and links to the list', async ({ guard, page }) => {
  guard.expectComplaint(/status of 404/);
  const response = await page.goto('/no/such/place');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/not found|no page|nothing here/i);
  await page.getByRole('main').getByRole('link', { name: /containers/i }).click();
  await expect(page).toHaveURL(/\/containers/);
});

test('an unknown container returns 404', async ({ guard, page }) => {
  guard.expectComplaint(/status of 404/);
  const response = await page.goto(`/containers/${'0'.repeat(64)}`);
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});
