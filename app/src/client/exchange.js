// The exchange: through it the tabs of one browser share one stream. Plain JavaScript, not built.
// It runs as a SharedWorker (one for all tabs) or, without support for these, as a Worker in each
// tab. Then the one that holds a Web Lock is the leader, and the others pass messages to it over a
// BroadcastChannel.
//
// The exchange itself opens no connection: one of the tabs opens the stream for all, so that the
// request appears, and can be blocked, in that tab's developer tools. Every event that the tab
// receives goes to every tab that has joined, unchanged.
//
// Nothing is missed: a delta from revision A to B leads from any state between A and B to B,
// since it has whole rows. Frames are kept as an unbroken sequence. A tab that joins at position P
// receives the sequence from its last frame that applies to P or an earlier position. Without such
// a frame, the stream is opened again for all tabs, from P or with a snapshot.
//
// The other side is exchange.rs; exchange.spec.ts tests the behavior described here. `make lint`
// checks the types, which are in comments.
'use strict';

/**
 * A frame of the stream; `data` is in the format of protocol/compact.rs.
 * @typedef {{name: string, data: string, id: string}} Frame
 *
 * A kept frame with the position from which it can be applied.
 * @typedef {Frame & {from: string}} KeptFrame
 *
 * A message from a tab. `at` is an `<epoch>.<revision>`, or empty without a position.
 * @typedef {{is: 'join', stream: number, at: string} | {is: 'leave'} | {is: 'here'} | {is: 'bye'}
 *   | ({is: 'frame', round: number} & Frame) | {is: 'broken', round: number, problem: unknown}} FromTab
 *
 * A message to a tab.
 * @typedef {{is: 'joined', stream: number, how: string} | ({is: 'frame', stream: number, late: boolean} & Frame)
 *   | {is: 'broken', stream: number, problem: unknown}
 *   | {is: 'openStream', round: number, at: string} | {is: 'closeStream'} | {is: 'live'} | {is: 'ping'}} ToTab
 *
 * A tab. `stream` is 0 until it joins; `by` identifies it to the leader among Workers.
 * @typedef {{post: (message: ToTab) => void, how: string, stream: number, at: string, responded: boolean,
 *   by?: string}} Tab
 */

/**
 * Silence after which a stream is opened again instead of joined: the server sends a heartbeat
 * every 2.5 s, and a page that wakes up gives its own stream no more time.
 */
const SILENCE_TIMEOUT_MILLIS = 4_000;
/** Interval between pings. A closed tab sends `bye`; only a crashed one has to be detected. */
const PING_INTERVAL_MILLIS = 15_000;
/**
 * Limits of the kept frames: several times the time from a page's rendering to its joining, and
 * 1 MB.
 */
const MAX_KEPT_FRAMES = 64, MAX_KEPT_CHARACTERS = 1_000_000;
/** Timeout for the leader, which may be frozen; then this tab becomes the leader. */
const LEADER_TIMEOUT_MILLIS = 3_000;

/** @type {Set<Tab>} */
const tabs = new Set();
/** Epochs of earlier server runs. @type {Set<string>} */
const past = new Set();
/** The tab that reads the stream. @type {Tab | null} */
let reader = null;
/** Number of the stream: events of an older one are ignored. */
let round = 0;
/** Position from which the stream was requested. */
let from = '';
let lastEventAt = 0;
/** The newest frames of the stream, without heartbeats. @type {KeptFrame[]} */
let kept = [];
let keptCharacters = 0;

/** @param {string} id */
const epoch = (id) => id.slice(0, Math.max(id.lastIndexOf('.'), 0));
/** @param {string} id */
const revision = (id) => Number(id.slice(id.lastIndexOf('.') + 1));
const joined = () => [...tabs].filter((tab) => tab.stream);
const newest = () => kept.at(-1)?.id ?? from;
const isQuiet = () => performance.now() - lastEventAt > SILENCE_TIMEOUT_MILLIS;

/**
 * True if a frame that starts from `start` can be applied at `at`.
 * @param {string} start @param {string} at
 */
const leadsOn = (start, at) => at !== '' && epoch(at) === epoch(start) && revision(at) >= revision(start);
/**
 * True if a kept frame can be applied at `at`; a snapshot can at every position of its epoch and of
 * earlier ones.
 * @param {KeptFrame} frame @param {string} at
 */
const fits = (frame, at) =>
  frame.name === 'snapshot' ? epoch(at) === epoch(frame.id) || past.has(epoch(at)) : leadsOn(frame.from, at);

/** @param {Tab} tab @param {Frame} frame @param {boolean} late */
const send = (tab, { name, data, id }, late) => tab.post({ is: 'frame', stream: tab.stream, name, data, id, late });

/**
 * The position from which a stream can be applied at both positions; empty if there is none.
 * @param {string} one @param {string} other
 */
const before = (one, other) => (one === other || leadsOn(one, other) ? one : leadsOn(other, one) ? other : '');

/**
 * Opens the stream again, read by `tab`: from `at`, or from an earlier position if other tabs need
 * it.
 * @param {Tab} tab @param {string} at
 */
function open(tab, at) {
  from = joined().length > 1 ? before(at, newest()) : at;
  if (reader !== tab) reader?.post({ is: 'closeStream' });
  reader = tab;
  kept = [];
  keptCharacters = 0;
  lastEventAt = performance.now();
  reader.post({ is: 'openStream', round: ++round, at: from });
}

/** @param {Tab} tab @param {{stream: number, at: string}} request */
function join(tab, { stream, at }) {
  if (tab === reader) leave(tab);
  Object.assign(tab, { stream, at });
  tab.post({ is: 'joined', stream, how: tab.how });
  const isHealthy = reader !== null && !isQuiet();
  // It is being opened from a position that also works for this tab.
  if (isHealthy && kept.length === 0 && (from === '' || leadsOn(from, at))) return;
  const first = kept.findLastIndex((frame) => fits(frame, at));
  if (isHealthy && first >= 0) kept.slice(first).forEach((frame) => send(tab, frame, true));
  else open((isHealthy && reader) || tab, at);
}

/** @param {Tab} tab */
function leave(tab) {
  tab.stream = 0;
  if (tab !== reader) return;
  reader = null;
  // The newest tab is most likely in use.
  const next = joined().at(-1);
  if (next) open(next, newest());
  else kept = [];
}

/** @param {Tab} tab */
function forget(tab) {
  tabs.delete(tab);
  leave(tab);
}

/** @param {Tab} tab @param {Frame & {round: number}} frame */
function receive(tab, frame) {
  if (tab !== reader || frame.round !== round) return;
  lastEventAt = performance.now();
  const isFirst = kept.length === 0;
  if (frame.name !== 'heartbeat') keep(frame);
  joined().forEach((each) => send(each, frame, false));
  // Tabs that wait for their next attempt can try now.
  if (isFirst && kept.length > 0) [...tabs].filter((each) => !each.stream).forEach((each) => each.post({ is: 'live' }));
}

/** @param {Frame} frame */
function keep({ name, data, id }) {
  const start = newest();
  if (name === 'snapshot') {
    [start, ...joined().map(({ at }) => at)].forEach((at) => past.add(epoch(at)));
    ['', epoch(id)].forEach((current) => past.delete(current));
    kept = [];
    keptCharacters = 0;
  }
  kept.push({ name, data, id, from: start });
  keptCharacters += data.length;
  while (kept.length > 1 && (kept.length > MAX_KEPT_FRAMES || keptCharacters > MAX_KEPT_CHARACTERS)) {
    keptCharacters -= kept.shift()?.data.length ?? 0;
  }
}

/**
 * Each tab decides when to try again; the first one reads the stream for all.
 * @param {Tab} tab @param {{round: number, problem: unknown}} failure
 */
function fail(tab, { round: broken, problem }) {
  if (tab !== reader || broken !== round) return;
  reader = null;
  kept = [];
  for (const each of joined()) {
    const { stream } = each;
    each.stream = 0;
    each.post({ is: 'broken', stream, problem });
  }
}

/** @type {Record<string, (tab: Tab, message: any) => void>} */
const handlers = { join, leave, frame: receive, broken: fail, here: () => {}, bye: forget };

/**
 * Handles a message of a tab, which proves that it exists even if it was forgotten.
 * @param {Tab} tab @param {FromTab} message
 */
function handle(tab, message) {
  tab.responded = true;
  tabs.add(tab);
  handlers[message.is]?.(tab, message);
}

function pingAll() {
  for (const tab of tabs) {
    if (!tab.responded) forget(tab);
    tab.responded = false;
    tab.post({ is: 'ping' });
  }
}

/** Serves all tabs, one port each. @param {SharedWorkerGlobalScope} scope */
function serveAll(scope) {
  scope.onconnect = ({ ports: [port] }) => {
    if (!port) return;
    /** @type {Tab} */
    const tab = { post: (message) => port.postMessage(message), how: 'shared', stream: 0, at: '', responded: true };
    tabs.add(tab);
    // Some browsers report that the tab is gone.
    port.addEventListener('close', () => forget(tab));
    port.onmessage = ({ data }) => handle(tab, data);
  };
}

/** Serves one tab, and all of them while it holds the lock. */
function serveOne() {
  const name = `quaylight${self.location.pathname}`;
  const channel = new BroadcastChannel(name);
  const me = crypto.randomUUID();
  let leads = false;
  /** The page's join, with its current position. @type {{is: 'join', stream: number, at: string} | null} */
  let request = null;
  let timer = 0;

  /** @param {string} to @param {object} message */
  const broadcast = (to, message) => channel.postMessage({ to, by: me, message });
  /** @param {ToTab} message */
  const toPage = (message) => {
    clearTimeout(timer);
    if (request && message.is === 'frame' && message.name !== 'heartbeat') request.at = message.id;
    self.postMessage(message);
  };
  /** @type {Tab} */
  const page = { post: toPage, how: 'leads', stream: 0, at: '', responded: true };
  /** @param {string} by @returns {Tab} */
  const other = (by) =>
    [...tabs].find((tab) => tab.by === by) ??
    { by, post: (message) => broadcast(by, message), how: 'follows', stream: 0, at: '', responded: true };
  /** @param {FromTab} message */
  const forward = (message) => {
    if (leads) return handle(page, message);
    clearTimeout(timer);
    if (message.is === 'join') timer = setTimeout(() => lead({ steal: true }), LEADER_TIMEOUT_MILLIS);
    broadcast('leader', message);
  };
  const rejoin = () => request && forward({ ...request });
  const hold = () => {
    leads = true;
    clearTimeout(timer);
    broadcast('all', {});
    rejoin();
    return new Promise(() => {});
  };
  /**
   * The request fails if another tab has become the leader because this one did not respond.
   * @param {LockOptions} options @returns {Promise<void>}
   */
  const lead = (options) =>
    navigator.locks.request(name, options, hold).catch(() => {
      leads = false;
      tabs.clear();
      reader = null;
      kept = [];
      rejoin();
      return lead({});
    });

  self.onmessage = ({ data }) => {
    if (data.is === 'join') request = { ...data };
    if (data.is === 'leave' || data.is === 'bye') request = null;
    // Releasing the lock makes the next tab the leader.
    if (!leads || data.is !== 'bye') forward(data);
    if (data.is === 'bye') self.close();
  };
  channel.onmessage = ({ data: { to, by, message } }) => {
    if (to === me) toPage(message);
    else if (to === 'leader' && leads) handle(other(by), message);
    // A new leader, which has no tabs yet.
    else if (to === 'all' && !leads) rejoin();
  };
  lead({});
}

setInterval(pingAll, PING_INTERVAL_MILLIS);
if ('onconnect' in self) serveAll(/** @type {any} */ (self));
else serveOne();
