// Names, images, labels and commands are shown as text, whatever characters they contain.

import { expect, test } from '../../support/test';

const SCRIPT = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
const HOSTILE = [
  { what: 'HTML', text: SCRIPT },
  { what: 'quotes', text: `"'\`{{}}\${1}&amp;&lt;` },
  { what: 'emoji', text: 'lighthouse 🗼🏽‍🚢 quay' },
  { what: 'right-to-left', text: 'منارة \u202Egnp.exe' },
];

for (const { what, text } of HOSTILE) {
  for (const view of ['cards', 'table']) {
    test(`${view}: ${what} is shown as text`, async ({ containers, engine, page }) => {
      const project = { 'com.docker.compose.project': text, 'com.docker.compose.service': text, note: text };
      const id = await engine.run('lantern', { image: text, command: [text], labels: project });
      await containers.open(`?view=${view}`);
      await expect(containers.container(id)).toBeVisible();
      await expect(containers.container(id)).toContainText(text);
      await expect(page).not.toHaveTitle(/owned/);
      await expect(containers.container(id).locator('img[src="x"], script')).toHaveCount(0);
    });
  }
}

test('a hostile name in a live update is shown as text', async ({ containers, engine, page }) => {
  await containers.open();
  const id = await engine.run('lantern', { image: SCRIPT });
  await expect(containers.container(id)).toContainText(SCRIPT);
  await expect(page).not.toHaveTitle(/owned/);
});

test('a hostile search is shown as text', async ({ containers, page }) => {
  await containers.open(`?q=${encodeURIComponent(SCRIPT)}`);
  await expect(containers.search).toHaveValue(SCRIPT);
  await expect(page).not.toHaveTitle(/owned/);
});
