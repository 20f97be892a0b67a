// The tabs of a browser share one stream, so the seventh tab is as live as the first: over HTTP/1.1
// a browser opens at most six connections to a server. Tested with SharedWorker, with Web Locks
// only, and with neither.

import { type BrowserContext, type Page } from '@playwright/test';
import { ContainersPage } from '../../support/containers-page';
import { SERVER_IS_DOWN } from '../../support/guard';
import { RECOVERY_TIMEOUT } from '../../support/limits';
import { type Quaylight } from '../../support/server';
import { expect, test } from '../../support/test';

const SHARED = "shared by this browser's tabs (SharedWorker)";
const LEADS = "shared by this browser's tabs; coordinated by this tab";
const FOLLOWS = "shared by this browser's tabs; coordinated by another tab";
const OWN = 'own stream';

test.slow();

type Api = 'SharedWorker' | 'locks';

/** A browser without these APIs. */
const without = (context: BrowserContext, ...missing: Api[]) =>
  context.addInitScript((names) => {
    for (const name of names) {
      Object.defineProperty(name === 'locks' ? Navigator.prototype : window, name, { value: undefined, configurable: true });
    }
  }, missing);

async function openTabs(context: BrowserContext, count: number, path = '/containers'): Promise<ContainersPage[]> {
  const tabs: ContainersPage[] = [];
  for (let index = 0; index < count; index += 1) {
    const tab = new ContainersPage(await context.newPage());
    await tab.page.goto(path);
    await tab.expectConnection('Live');
    tabs.push(tab);
  }
  return tabs;
}

/** Number of open streams of the server. */
async function streams(server: Quaylight): Promise<number> {
  const response = await fetch(`${server.url}/readyz`);
  return ((await response.json()) as { viewers: number }).viewers;
}

const expectStreams = (server: Quaylight, count: number) => expect.poll(() => streams(server)).toBe(count);

const expectAll = (tabs: ContainersPage[], id: string, state: string) => Promise.all(tabs.map((tab) => tab.expectState(id, state)));

/** Transport of the stream, as shown on `/realtime-test`. */
const transport = (tab: ContainersPage) =>
  tab.page.getByRole('region', { name: 'Connection summary' }).locator('dt:text-is("Stream") + dd');

test('seven tabs share one stream, and all show a change', async ({ context, engine, server }) => {
  const tabs = await openTabs(context, 7);
  await expectStreams(server, 1);
  const id = await engine.run('lantern');
  await expectAll(tabs, id, 'running');
  await engine.pause(id);
  await expectAll(tabs, id, 'paused');
  expect(await streams(server)).toBe(1);
});

test('the remaining tabs stay live when the oldest is closed, three times', async ({ context, engine, server }) => {
  const tabs = await openTabs(context, 4);
  const id = await engine.run('lantern');
  await expectAll(tabs, id, 'running');
  for (const verb of ['pause', 'unpause', 'kill'] as const) {
    await tabs.shift()!.page.close();
    await engine[verb](id);
    await expectAll(tabs, id, { pause: 'paused', unpause: 'running', kill: 'exited' }[verb]);
    await Promise.all(tabs.map((tab) => tab.expectConnection('Live')));
    await expectStreams(server, 1);
  }
});

test('closing a tab does not change the indicator of the others', async ({ context, engine, server }) => {
  const [first, second] = (await openTabs(context, 2, '/realtime-test')) as [ContainersPage, ContainersPage];
  await watchWords(second.page);
  await first.page.close();
  const id = await engine.run('lantern');
  await second.expectState(id, 'running');
  await expectStreams(server, 1);
  expect(await wordsSeen(second.page)).toEqual([]);
});

test('a new tab is live after the last one was closed', async ({ containers, context, engine, server }) => {
  await containers.open();
  await containers.page.close();
  await expectStreams(server, 0);
  const [tab] = await openTabs(context, 1);
  const id = await engine.run('lantern');
  await tab!.expectState(id, 'running');
});

test('a tab that returns from another site is live again', async ({ context, engine, server }) => {
  const [tab, other] = (await openTabs(context, 2)) as [ContainersPage, ContainersPage];
  await tab.page.goto('about:blank');
  const id = await engine.run('lantern');
  await other.expectState(id, 'running');
  await tab.page.goBack();
  await tab.expectConnection('Live');
  await tab.expectState(id, 'running');
  await expectStreams(server, 1);
});

test('after a server restart, all tabs are live again with one stream', async ({ context, engine, guard, server }) => {
  guard.expectComplaint(SERVER_IS_DOWN);
  const tabs = await openTabs(context, 7);
  await returnsAfterRestart(tabs, server, engine);
  await expectStreams(server, 1);
});

test('the others stay live while one tab is paused', async ({ context, engine, server }) => {
  const [first, second] = (await openTabs(context, 2, '/realtime-test')) as [ContainersPage, ContainersPage];
  await first.page.getByRole('button', { name: 'Pause stream' }).click();
  await first.expectConnection('Reconnecting');
  const id = await engine.run('lantern');
  await second.expectState(id, 'running');
  await second.expectConnection('Live');
  await expect(first.container(id)).toHaveCount(0);
  await first.page.getByRole('button', { name: 'Resume stream' }).click();
  await first.expectConnection('Live');
  await first.expectState(id, 'running');
  await expectStreams(server, 1);
});

test('with SharedWorker, the summary says that tabs share the stream', async ({ context }) => {
  const tabs = await openTabs(context, 2, '/realtime-test');
  for (const tab of tabs) await expect(transport(tab)).toHaveText(SHARED);
});

test.describe('without SharedWorker', () => {
  test.beforeEach(({ context }) => without(context, 'SharedWorker'));

  test('one of seven tabs coordinates the stream for all', async ({ context, engine, server }) => {
    const tabs = await openTabs(context, 7, '/realtime-test');
    await expectStreams(server, 1);
    await expect(transport(tabs[0]!)).toHaveText(LEADS);
    for (const tab of tabs.slice(1)) await expect(transport(tab)).toHaveText(FOLLOWS);
    const id = await engine.run('lantern');
    await expectAll(tabs, id, 'running');
    expect(await streams(server)).toBe(1);
  });

  test('when the leader is closed, another tab takes over and the indicator stays Live', async ({ context, engine, server }) => {
    const tabs = await openTabs(context, 3, '/realtime-test');
    for (const tab of tabs) await watchWords(tab.page);
    await tabs.shift()!.page.close();
    const id = await engine.run('lantern');
    await expectAll(tabs, id, 'running');
    await expectStreams(server, 1);
    await expect.poll(async () => (await Promise.all(tabs.map((tab) => transport(tab).innerText()))).sort()).toEqual([FOLLOWS, LEADS]);
    for (const tab of tabs) expect(await wordsSeen(tab.page)).toEqual([]);
  });

  test('after a server restart, all tabs are live again with one stream', async ({ context, engine, guard, server }) => {
    guard.expectComplaint(SERVER_IS_DOWN);
    const tabs = await openTabs(context, 3);
    await returnsAfterRestart(tabs, server, engine);
    await expectStreams(server, 1);
  });
});

test.describe('without SharedWorker and Web Locks', () => {
  test.beforeEach(({ context }) => without(context, 'SharedWorker', 'locks'));

  test('each tab has its own stream', async ({ context, engine, server }) => {
    const tabs = await openTabs(context, 2, '/realtime-test');
    await expectStreams(server, 2);
    for (const tab of tabs) await expect(transport(tab)).toHaveText(OWN);
    const id = await engine.run('lantern');
    await expectAll(tabs, id, 'running');
  });
});

test('a page of an older version, whose script returns 404, has its own stream', async ({ context, engine, guard, server }) => {
  guard.expectComplaint(/404/);
  await context.route(/\/stream-exchange-/, (route) => route.fulfill({ status: 404 }));
  const [tab] = await openTabs(context, 1, '/realtime-test');
  await expect(transport(tab!)).toHaveText(OWN);
  await expectStreams(server, 1);
  const id = await engine.run('lantern');
  await tab!.expectState(id, 'running');
});

test.describe('hidden pages', () => {
  test('a page hidden for a minute closes its stream, and is live again when shown', async ({ containers, engine, page, server }) => {
    await page.clock.install();
    await containers.open();
    await setHidden(page, true);
    await page.clock.fastForward('00:50');
    await expectStreams(server, 1);
    await page.clock.fastForward('00:11');
    await expectStreams(server, 0);
    const id = await engine.run('lantern');
    await page.clock.fastForward('10:00');
    await expectStreams(server, 0);

    await setHidden(page, false);
    await containers.expectConnection('Live');
    await containers.expectState(id, 'running');
    await expectStreams(server, 1);
  });

  test('a hidden page leaves the stream to visible ones', async ({ context, engine, server }) => {
    const hidden = await context.newPage();
    await hidden.clock.install();
    await hidden.goto('/containers');
    await new ContainersPage(hidden).expectConnection('Live');
    const [seen] = await openTabs(context, 1);
    await setHidden(hidden, true);
    await hidden.clock.fastForward('01:01');
    await expect.poll(() => hidden.getByRole('status', { name: 'Connection' }).innerText()).toBe('Reconnecting');
    const id = await engine.run('lantern');
    await seen!.expectState(id, 'running');
    await seen!.expectConnection('Live');
    await expectStreams(server, 1);
  });
});

/** As when another tab comes to the front. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);

async function returnsAfterRestart(tabs: ContainersPage[], server: Quaylight, engine: { run(name: string): Promise<string> }): Promise<void> {
  await server.kill();
  await Promise.all(tabs.map((tab) => tab.expectConnection('Reconnecting')));
  const id = await engine.run('lantern');
  await server.startAgain();
  await Promise.all(tabs.map((tab) => tab.expectConnection('Live', RECOVERY_TIMEOUT)));
  await expectAll(tabs, id, 'running');
}

type Watched = { seen: string[] };

/** Records every text of the indicator but Live. */
const watchWords = (page: Page) =>
  page.evaluate(() => {
    const seen: string[] = ((window as unknown as Watched).seen = []);
    const status = document.querySelector('[role=status][aria-label=Connection]')!;
    const look = () => status.textContent !== 'Live' && seen.push(status.textContent ?? '');
    new MutationObserver(look).observe(status, { childList: true, characterData: true, subtree: true });
  });

const wordsSeen = (page: Page) => page.evaluate(() => (window as unknown as Watched).seen);

