// The log page: live, followed until the user scrolls, searched, filtered, and without lost or
// repeated lines.

import { type Locator, type Page } from '@playwright/test';
import { SERVER_IS_DOWN } from '../../support/guard';
import { RECOVERY_TIMEOUT } from '../../support/limits';
import { LogPage, counting } from '../../support/log-page';
import { expect, expectAccessible, test } from '../../support/test';

const ESC = '\u001b';

test('new lines are followed until the user scrolls, and again on request', async ({ engine, page }) => {
  const log = new LogPage(page);
  const id = await engine.run('lantern', { command: counting(0.05, 'seq 300') });
  await log.open(id, '?tail=100000');
  await expect(log.lines.last()).toContainText('line ');
  await expect.poll(() => log.distanceToEnd()).toBeLessThanOrEqual(4);
  const newest = await log.lines.last().innerText();
  await expect(log.lines.last()).not.toHaveText(newest);

  await log.region.hover();
  await page.mouse.wheel(0, -2_000);
  const follow = page.getByRole('button', { name: /new lines? – Follow$/ });
  await expect(follow).toBeVisible();
  const first = await log.firstSeen();
  await expect(follow).toHaveText(/^([5-9]|\d{2,}) new lines – Follow$/);
  expect(await log.firstSeen()).toBe(first);
  await follow.click();
  await expect(follow).toHaveCount(0);
  await expect.poll(() => log.distanceToEnd()).toBeLessThanOrEqual(4);

  await log.region.focus();
  await page.keyboard.press('Home');
  await expect(log.text('1')).toBeVisible();
  await page.keyboard.press('End');
  await expect.poll(() => log.distanceToEnd()).toBeLessThanOrEqual(4);
  await expect(page.getByRole('button', { name: /Follow$/ })).toHaveCount(0);
});

test('the search highlights matches and moves between them', async ({ engine, page }) => {
  const log = new LogPage(page);
  const id = await engine.run('lantern', { command: ['sh', '-c', 'seq 400; echo "Disk FULL"; sleep 1000'] });
  await log.open(id);
  await log.search.fill('full');
  await expect(log.region.locator('mark')).toHaveText('FULL');
  // 77, 177, 277, 377; 177 has two matches, but lines are counted.
  await log.search.fill('77');
  await expect(page.getByText('4 found', { exact: true })).toBeVisible();
  await log.search.press('Enter');
  await expect(page.getByText('4 of 4', { exact: true })).toBeVisible();
  await log.search.press('Enter');
  await expect(page.getByText('1 of 4', { exact: true })).toBeVisible();
  await expect(log.text('77')).toBeInViewport();
  await page.getByRole('button', { name: 'Next match' }).click();
  await expect(page.getByText('2 of 4', { exact: true })).toBeVisible();
  await expect(log.text('177')).toBeInViewport();
  await log.search.press('Shift+Enter');
  await expect(page.getByText('1 of 4', { exact: true })).toBeVisible();

  await page.getByLabel('Regex').check();
  await log.search.fill('^1?77$|disk');
  await expect(page.getByText('3 found', { exact: true })).toBeVisible();
  await page.getByLabel('Only matches').check();
  await expect(log.lines).toHaveCount(3);
  await expect(page).toHaveURL(/q=.*regex=1&only=1/);
  await log.search.fill('(');
  await expect(page.getByRole('alert')).toContainText('Invalid regular expression');
  await log.search.press('Escape');
  await expect(log.search).toHaveValue('');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('the search ignores case in every alphabet and highlights the original text', async ({ engine, page }) => {
  const log = new LogPage(page);
  const lines = ['Новая Ошибка: нет места', 'die STRASSE und die Straße', 'plain'];
  const id = await engine.run('lantern', { command: ['sh', '-c', `${lines.map((line) => `echo '${line}'`).join('; ')}; sleep 1000`] });
  await log.open(id);
  const marks = log.region.locator('mark');
  await log.search.fill('ошибка');
  await expect(marks).toHaveText(['Ошибка']);
  await log.search.fill('straße');
  await expect(marks).toHaveText(['STRASSE', 'Straße']);
});

test('a search without matches names the searched lines and can load earlier ones', async ({ engine, page }) => {
  const log = new LogPage(page);
  const id = await engine.run('lantern', { command: ['sh', '-c', 'echo needle; seq 700; sleep 1000'] });
  await log.open(id);
  await log.search.fill('needle');
  await expect(page.getByText(/^No matches in the 500 loaded lines, back to \d\d:\d\d:\d\d$/)).toBeVisible();
  await page.getByRole('button', { name: 'Load earlier lines' }).click();
  await expect(log.region.locator('mark')).toHaveText('needle');
  await expect(page).toHaveURL(/q=needle&tail=1000/);
  await log.search.fill('haystack');
  await expect(page.getByText('No matches in the 701 lines of this log', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Load earlier lines' })).toHaveCount(0);
  await expectAccessible(page);
});

test('a filter that hides all lines says so, and stack traces share the level of their error', async ({ engine, page }) => {
  const log = new LogPage(page);
  const lines = ['ERROR boom', '  at Main.java:3', 'Caused by: x', 'INFO fine', 'plain'];
  const id = await engine.run('lantern', { command: ['sh', '-c', `${lines.map((line) => `echo '${line}'`).join('; ')}; sleep 1000`] });
  await log.open(id, '?levels=error');
  await expect(log.lines).toHaveText([/boom/, /Main\.java/, /Caused by/]);
  await page.goto(`/containers/${id}/logs?levels=fatal&stream=stderr`);
  await expect(page.getByText('No lines with level Fatal on stderr in the 5 lines of this log.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(log.lines).toHaveCount(5);
  await expect(page.getByText(/^No lines with level/)).toHaveCount(0);
});

test('levels and streams are detected and can be filtered', async ({ engine, page }) => {
  const log = new LogPage(page);
  const lines = ['INFO ready', '[error] broke >&2', 'ts=1 level=warn msg=slow', `'{"level":20,"msg":"deep"}'`, 'plain', 'FATAL gone >&2'];
  const id = await engine.run('lantern', { command: ['sh', '-c', `${lines.map((line) => `echo ${line}`).join('; ')}; sleep 1000`] });
  await log.open(id);
  await expect(log.lines).toHaveCount(6);
  await expect(log.line('broke').getByRole('button')).toHaveAttribute('title', 'Error, stderr');
  await expect(log.line('slow').getByRole('button')).toHaveAttribute('title', 'Warn, stdout');
  await expect(log.line('deep').getByRole('button')).toHaveAttribute('title', 'Debug, stdout');

  const levels = page.getByRole('group', { name: 'Levels' });
  for (const level of ['Debug', 'Info', 'Other']) await levels.getByLabel(level).uncheck();
  await expect(log.lines).toHaveText([/broke/, /slow/, /gone/]);
  await expect(page).toHaveURL(/levels=trace,warn,error,fatal/);
  await page.getByLabel('Stream').selectOption('stderr');
  await expect(log.lines).toHaveText([/broke/, /gone/]);
  await page.reload();
  await expect(log.lines).toHaveText([/broke/, /gone/]);
  await expect(levels.getByLabel('Debug')).not.toBeChecked();
});

test('JSON is condensed, expanded and copied; colors are shown, other escape sequences are removed', async ({ context, engine, page }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const log = new LogPage(page);
  const json = '{"level":"error","msg":"no route","id":12345678901234567890,"deep":{"at":[1,2]}}';
  const colored = `${ESC}[1;31mred${ESC}[0m and ${ESC}[38;2;10;200;30mgreen${ESC}[0m${ESC}[2K`;
  const id = await engine.run('lantern', { command: ['sh', '-c', `echo '${json}'; echo '${colored}'; sleep 1000`] });
  await log.open(id);
  const line = log.line('no route');
  await expect(line).toContainText('no route id=12345678901234567890 deep={"at":[1,2]}');
  await line.getByRole('button', { name: 'Full line' }).click();
  const whole = log.region.getByRole('region', { name: 'JSON' });
  await expect(whole).toContainText('id: 12345678901234567890');
  await log.region.getByRole('button', { name: 'Copy line' }).click();
  await expect(log.region.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(json);
  await expectAccessible(page);

  await expect(log.lines.nth(1)).toHaveText(/red and green$/);
  const look = (text: string) => log.lines.nth(1).getByText(text, { exact: true }).evaluate((span) => getComputedStyle(span));
  expect((await look('red')).fontWeight).toBe('700');
  expect((await look('green')).color).not.toBe((await look('red')).color);

  await line.getByRole('button', { name: 'Full line' }).click();
  await expect(whole).toHaveCount(0);
  await log.region.focus();
  await page.keyboard.press('Enter');
  await expect(line.getByRole('button')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(log.lines.nth(1).getByRole('button')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(log.region).toBeFocused();
});

test('an expanded JSON line is a tree that collapses by pointer and by keyboard', async ({ engine, page }) => {
  const log = new LogPage(page);
  const json = '{"msg":"served","deep":{"request":{"path":"/ships","ids":[1,2]}},"ok":true}';
  const id = await engine.run('lantern', { command: ['sh', '-c', `echo '${json}'; echo next; sleep 1000`] });
  await log.open(id);
  const next = log.lines.nth(1);
  await log.line('served').getByRole('button', { name: 'Full line' }).click();
  const tree = log.region.getByRole('region', { name: 'JSON' });
  await expect(tree.getByText('"/ships"')).toBeVisible();
  await expect(tree.getByText('ids: [ 2 items ]')).toBeVisible();
  await expect(tree.getByText('2', { exact: true }), 'deep values are collapsed at first').toBeHidden();
  await expectAccessible(page);

  const below = async () => (await next.boundingBox())!.y;
  const before = await below();
  await tree.getByText('deep: { 1 field }').click();
  await expect(tree.getByText('"/ships"')).toBeHidden();
  await expect.poll(below, 'the next line moves up').toBeLessThan(before);
  await tree.focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(tree.getByText('"/ships"')).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(tree.getByText('2', { exact: true })).toBeVisible();
});

test('timestamps can be hidden, and a time range can be requested and downloaded', async ({ engine, guard, page }) => {
  guard.expectComplaint(/status of 400/);
  const log = new LogPage(page);
  const id = await engine.run('lantern', { command: ['sh', '-c', 'echo early; sleep 3; echo late; sleep 1000'] });
  await log.open(id, '?time=utc');
  await expect(log.lines).toHaveText([/early/, /late/]);
  const times = log.region.locator('time');
  await expect(times.first()).toHaveText(/^\d\d:\d\d:\d\d\.\d{3}$/);
  await expect(times.first()).toHaveAttribute('title', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC$/);
  const late = await times.last().getAttribute('datetime');
  await page.getByLabel('Timestamps').selectOption('none');
  await expect(times).toHaveCount(0);
  await page.getByLabel('Since').fill(late!);
  await page.getByLabel('Since').press('Enter');
  await expect(log.lines).toHaveText([/late/]);
  await expect(page.getByRole('link', { name: 'Download' })).toHaveAttribute('href', new RegExp(`^/api/containers/${id}/logs\\?since=`));
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  expect(download.suggestedFilename()).toMatch(/^lantern-.*\.log$/);
  await page.getByLabel('Since').fill('00:00:00');
  await page.getByLabel('Since').press('Enter');
  await expect(log.lines).toHaveText([/early/, /late/]);
  await page.getByLabel('Since').fill('whenever');
  await page.getByLabel('Since').press('Enter');
  await expect(page.getByText(/^since and until are times such as/)).toBeVisible();
});

test('the end of a run and the next start are dividers', async ({ engine, page }) => {
  const log = new LogPage(page);
  const id = await engine.run('lantern', { command: ['sh', '-c', 'echo hello; sleep 1; exit 3'] });
  await log.open(id);
  await expect(log.region.getByText(/^Stopped, exit code 3 at \d{4}-/)).toBeVisible();
  await engine.start(id);
  await expect(log.region.getByText('Running again')).toBeVisible();
  await expect(log.lines).toHaveText([/hello/, /hello/]);
});

test('two logs are merged by time; one can be removed, and a whole project added', async ({ engine, page }) => {
  const log = new LogPage(page);
  const labels = { 'com.docker.compose.project': 'harbour', 'com.docker.compose.service': 'x' };
  const web = await engine.run('web', { command: counting(0.4), labels });
  const db = await engine.run('db', { command: counting(0.7), labels });
  await log.open(web);
  await page.getByRole('button', { name: 'Merge with other logs' }).click();
  await page.getByLabel('Find a container to merge').fill('db');
  await page.getByRole('list', { name: 'Containers', exact: true }).getByRole('link', { name: 'db', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/logs\\?ids=${web},${db}`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Logs of web, db');
  await expect(log.lines.filter({ hasText: 'db' })).not.toHaveCount(0);
  await expect.poll(() => log.lines.count()).toBeGreaterThan(12);
  const times = await log.region.locator('time').evaluateAll((all) => all.map((time) => time.getAttribute('datetime')!));
  expect(times).toEqual([...times].sort());

  await page.getByRole('link', { name: 'Remove web' }).click();
  await expect(page).toHaveURL(new RegExp(`/logs\\?ids=${db}$`));
  await page.getByRole('button', { name: 'Merge with other logs' }).click();
  await page.getByRole('link', { name: 'All of harbour (2)' }).click();
  await expect(page.getByRole('list', { name: 'Merged containers' }).getByRole('listitem')).toHaveCount(2);
  await expectAccessible(page);
});

test('after a server restart, no line is lost or repeated', async ({ engine, guard, page, server }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  const log = new LogPage(page);
  const id = await engine.run('lantern', { command: counting(0.1) });
  await log.open(id, '?tail=100000');
  await expect.poll(() => log.newest()).toBeGreaterThan(5);
  await server.kill();
  await expect(log.status(/^Reconnecting/)).toBeVisible({ timeout: RECOVERY_TIMEOUT });
  // An attempt to reconnect fails before the server is back.
  await page.waitForEvent('requestfailed', { timeout: RECOVERY_TIMEOUT });
  await server.startAgain();
  await expect(log.status('Live')).toBeVisible({ timeout: RECOVERY_TIMEOUT });
  const before = await log.newest();
  await expect.poll(() => log.newest(), { timeout: RECOVERY_TIMEOUT }).toBeGreaterThan(before + 10);
  const numbers = await log.allNumbers();
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
});

test('a page hidden for a minute pauses, and continues without a gap', async ({ engine, page }) => {
  const log = new LogPage(page);
  const id = await engine.run('lantern', { command: counting(0.2) });
  await page.clock.install();
  await log.open(id, '?tail=100000');
  await expect.poll(() => log.newest()).toBeGreaterThan(3);
  await setHidden(page, true);
  await page.clock.fastForward('01:01');
  await expect(page.getByText('Paused in the background')).toBeVisible();
  const before = await log.newest();
  await setHidden(page, false);
  await expect(log.status('Live')).toBeVisible();
  await expect.poll(() => log.newest()).toBeGreaterThan(before + 3);
  const numbers = await log.allNumbers();
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
});

test('long lines can wrap, and the end stays in view', async ({ engine, page }) => {
  const log = new LogPage(page);
  const long = 'abcdefghij'.repeat(60);
  const id = await engine.run('lantern', { command: ['sh', '-c', `seq 100; echo ${long}; echo end; sleep 1000`] });
  await log.open(id, '?wrap=1');
  await expect(log.text('end')).toBeInViewport();
  await expect.poll(() => log.distanceToEnd()).toBeLessThanOrEqual(4);
  const height = (line: Locator) => line.evaluate((element) => element.getBoundingClientRect().height);
  expect(await height(log.line(long))).toBeGreaterThan(3 * (await height(log.line('end'))));
  await page.getByLabel('Wrap').uncheck();
  await expect.poll(() => height(log.line(long))).toBe(await height(log.line('end')));
});

test('the list and the container page link to the log, also without --allow-actions', async ({ containers, engine, page }) => {
  const id = await engine.run('lantern');
  await containers.open('?view=table');
  await containers.container(id).getByRole('link', { name: 'Logs of lantern' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Logs of lantern');
  await page.getByRole('main').getByRole('link', { name: 'lantern' }).click();
  await page.getByRole('navigation', { name: 'Container page' }).getByRole('link', { name: 'Logs' }).click();
  await expect(page).toHaveURL('/containers/lantern/logs');
});

test('the log of a recreated container links to its successor', async ({ engine, guard, page }) => {
  const log = new LogPage(page);
  const old = await engine.run('lantern', { command: ['sh', '-c', 'echo old; sleep 1000'] });
  await log.open(old, '?wrap=1');
  await expect(log.line('old')).toBeVisible();
  await engine.remove(old);
  const next = await engine.run('lantern', { command: ['sh', '-c', 'echo new; sleep 1000'] });
  await page.getByRole('region', { name: 'Removed' }).getByRole('link', { name: 'go to lantern' }).click();
  await expect(page).toHaveURL(`/containers/${next}/logs?wrap=1`);
  await expect(log.line('new')).toBeVisible();
  guard.expectComplaint(/status of 404/);
  await page.goto(`/containers/${old}/logs`);
  await page.getByRole('link', { name: 'go to lantern' }).click();
  await expect(page).toHaveURL(`/containers/${next}/logs`);
});

test('the log of an unknown container returns 404 and a message', async ({ guard, page }) => {
  guard.expectComplaint(/status of 404/);
  const response = await page.goto(`/containers/${'0'.repeat(64)}/logs`);
  expect(response!.status()).toBe(404);
  await expect(page.getByText('Container not found')).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of [['wide', { width: 1280, height: 800 }], ['phone', { width: 360, height: 740 }]] as const) {
    test.describe(`${colorScheme}, ${size}`, () => {
      test.use({ colorScheme, viewport });
      test('nothing overflows, and axe finds no violations', async ({ engine, page }) => {
        const log = new LogPage(page);
        const colors = Array.from({ length: 8 }, (_, color) => `${ESC}[3${color}mcolor ${color}${ESC}[9${color}mbright${ESC}[0m`).join(' ');
        const lines = [`'${colors}'`, 'ERROR boom >&2', 'WARN slow', `'{"level":"info","msg":"json","a":1}'`, 'x'.repeat(300)];
        const script = `${lines.map((line) => `echo ${line}`).join('; ')}; sleep 1000`;
        const ids = [await engine.run('lantern', { command: ['sh', '-c', script] }), await engine.run('beacon', { command: ['sh', '-c', script] })];
        for (const path of [`/containers/${ids[0]}/logs?q=o`, `/logs?ids=${ids.join(',')}&wrap=1`, '/logs']) {
          await page.goto(path);
          if (path !== '/logs') await expect(log.line('boom').first()).toBeVisible();
          await expectAccessible(page);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow, path).toBeLessThanOrEqual(0);
        }
      });
    });
  }
}

/** As when another tab comes to the front. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
