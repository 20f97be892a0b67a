// Checks the exchange with thousands of random histories: tabs open and close, messages are
// delayed, streams break, the server restarts. After every frame a tab holds exactly the server's
// state at that revision (checked in Tab.apply), and in the end every tab holds the current state,
// and one of them reads.

import { expect, test } from '@playwright/test';
import { Exchange, Server, Tab } from '../../support/exchange';

const HISTORIES = 1_000;
const STEPS = 120;

/** A seeded generator: a failure names its seed. */
function random(seed: number): (below: number) => number {
  let state = seed * 2_654_435_769 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

class History {
  readonly server = new Server();
  readonly exchange = new Exchange();
  tabs: Tab[] = [];

  constructor(private readonly dice: (below: number) => number) {}

  step(): void {
    const tab = this.tabs[this.dice(Math.max(this.tabs.length, 1))];
    const what = this.dice(40);
    if (what === 0 || !tab) this.arrive();
    else if (what === 1) this.close(tab);
    else if (what === 2) this.tabs = this.tabs.filter((each) => each !== tab); // It crashes without a message.
    else if (what === 3) tab.joined ? tab.leave('leave') : tab.join();
    else if (what === 4) tab.joined && tab.join(this.dice(4) === 0);
    else if (what === 5) tab.break();
    else if (what === 6) this.dice(5) === 0 && this.server.restart();
    else if (what === 7) this.exchange.advance(this.dice(8_000));
    else if (what === 8) this.exchange.pingTabs();
    else if (what < 16) this.server.change(this.dice(4));
    else if (what < 22) tab.read();
    else if (what < 31) this.exchange.handleMessageOf(tab);
    else tab.receive();
  }

  arrive(): void {
    if (this.tabs.length >= 7) return;
    const tab = new Tab(this.server);
    this.exchange.connect(tab);
    this.tabs.push(tab);
    if (this.dice(8) > 0) tab.join();
  }

  close(tab: Tab): void {
    tab.leave('bye');
    while (tab.outbox.length > 0) this.exchange.handleMessageOf(tab);
    this.tabs = this.tabs.filter((each) => each !== tab);
  }

  /** Delivers all messages. `retry`: tabs that received a failure join again, like a page. */
  settle(retry = false): void {
    const isBusy = () => this.tabs.some((tab) => tab.inbox.length + tab.outbox.length > 0 || tab.isBehind);
    do {
      for (const tab of this.tabs) {
        if (retry && !tab.joined) tab.join();
        tab.read();
        this.exchange.handleMessageOf(tab);
        tab.receive();
      }
    } while (isBusy());
  }

  /**
   * Two rounds of pings, which detect crashed tabs; then every tab joins again, as after a silence.
   */
  wake(): void {
    for (let round = 0; round < 3; round += 1) {
      this.settle();
      this.exchange.pingTabs();
    }
    this.exchange.advance(10_000);
    for (const tab of this.tabs) {
      tab.leave('leave');
      tab.join();
    }
  }
}

test("after any history, every tab holds the server's state and one tab reads the stream", () => {
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const dice = random(seed);
    const history = new History(dice);
    history.arrive();
    try {
      for (let step = 0; step < STEPS; step += 1) history.step();
      if (history.tabs.length === 0) history.arrive();
      history.wake();
      history.settle(true);
      history.server.change(1);
      history.settle();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    const held = history.tabs.map(({ at, rows }) => ({ at, rows }));
    const { id, rows } = history.server;
    expect(held, `seed ${seed}`).toEqual(history.tabs.map(() => ({ at: id, rows })));
    expect(history.tabs.filter((tab) => tab.opened).length, `readers, seed ${seed}`).toBe(1);
  }
});

test('a tab that joins later causes no request', () => {
  const history = new History(random(1));
  const [first, second] = [new Tab(history.server), new Tab(history.server)];
  history.tabs = [first, second];
  history.tabs.forEach((tab) => history.exchange.connect(tab));
  first.join();
  history.settle();
  history.server.change(2);
  history.settle();
  const round = first.opened?.round;
  second.join();
  history.settle();
  expect(second.rows).toEqual(history.server.rows);
  expect([first.opened?.round, second.opened]).toEqual([round, undefined]);
});

test('when the reading tab closes, another one resumes at its position', () => {
  const history = new History(random(1));
  const [first, second] = [new Tab(history.server), new Tab(history.server)];
  history.tabs = [first, second];
  history.tabs.forEach((tab) => (history.exchange.connect(tab), tab.join()));
  history.settle();
  history.close(first);
  history.server.change(3);
  second.receive();
  expect(second.opened?.at).toBe('a.1');
  history.settle();
  expect(second.rows).toEqual(history.server.rows);
});

test('when one tab reconnects, waiting tabs join again', () => {
  const history = new History(random(1));
  history.tabs = [1, 2, 3].map(() => new Tab(history.server));
  history.tabs.forEach((tab) => (history.exchange.connect(tab), tab.join()));
  history.settle();
  history.tabs[0]!.break();
  history.server.restart();
  history.settle();
  expect(history.tabs.map((tab) => tab.joined)).toEqual([false, false, false]);
  history.tabs[1]!.join();
  history.settle();
  expect(history.tabs.map((tab) => [tab.joined, tab.at])).toEqual([1, 2, 3].map(() => [true, 'b.1']));
  expect(history.tabs.filter((tab) => tab.opened)).toHaveLength(1);
});
