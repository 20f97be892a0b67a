// The exchange: through it the tabs of one browser share one stream. Plain JavaScript, not built.
// It runs as a SharedWorker (one for all tabs) or, without support for these, as a Worker in each
// tab. Then the one that holds a Web Lock is the leader, and the others pass messages to it over a
// BroadcastChannel.
//
// The exchange itself opens no connection: one of the tabs reads the stream for all (its
// EventSource is "lent"), so that the request appears, and can be blocked, in that tab's developer
// tools. Every event that the tab receives goes to every tab that has joined, unchanged.
//
// Nothing is missed: a delta from revision A to B leads from any state between A and B to B,
// since it has whole rows. Frames are kept as an unbroken sequence. A tab that joins at position P
// receives the sequence from its last frame that applies to P or an earlier position. Without such
// a frame, the stream is opened again for all tabs, from P or with a snapshot.
//
// A tab sends  {is: join, stream, at} {is: leave} {is: frame, round, name, data, id}
//              {is: broken, round, problem} {is: here} {is: bye}
// and receives {is: joined, stream, how} {is: frame, stream, name, data, id, late}
//              {is: broken, stream, problem} {is: lend, round, at} {is: return} {is: up} {is: ping}
// `at` is an <epoch>.<revision>, or empty without a position; `data` is in the format of
// protocol/compact.rs.
// The other side is exchange.rs; exchange.spec.ts tests the behavior described here.
'use strict';

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

const tabs = new Set(); // {post, how, stream (0: not joined), at, responded}
const past = new Set(); // epochs of earlier server runs
let reader = null; // the tab that reads the stream
let round = 0; // number of the stream: events of an older one are ignored
let from = ''; // position from which the stream was requested
let lastEventAt = 0;
let kept = []; // {name, data, id, from}: the newest frames of the stream, without heartbeats
let keptCharacters = 0;

const epoch = (id) => id.slice(0, Math.max(id.lastIndexOf('.'), 0));
const revision = (id) => Number(id.slice(id.lastIndexOf('.') + 1));
const joined = () => [...tabs].filter((tab) => tab.stream);
const newest = () => kept.at(-1)?.id ?? from;
const isQuiet = () => performance.now() - lastEventAt > SILENCE_TIMEOUT_MILLIS;

/** True if a frame that starts from `start` can be applied at `at`. */
const leadsOn = (start, at) => at !== '' && epoch(at) === epoch(start) && revision(at) >= revision(start);
/**
 * True if a kept frame can be applied at `at`; a snapshot can at every position of its epoch and of
 * earlier ones.
 */
const fits = (frame, at) =>
  frame.name === 'snapshot' ? epoch(at) === epoch(frame.id) || past.has(epoch(at)) : leadsOn(frame.from, at);

const send = (tab, { name, data, id }, late) => tab.post({ is: 'frame', stream: tab.stream, name, data, id, late });

/** The position from which a stream can be applied at both positions; empty if there is none. */
const before = (one, other) => (one === other || leadsOn(one, other) ? one : leadsOn(other, one) ? other : '');

/**
 * Opens the stream again, read by `tab`: from `at`, or from an earlier position if other tabs need
 * it.
 */
function open(tab, at) {
  from = joined().length > 1 ? before(at, newest()) : at;
  if (reader !== tab) reader?.post({ is: 'return' });
  reader = tab;
  kept = [];
  keptCharacters = 0;
  lastEventAt = performance.now();
  reader.post({ is: 'lend', round: ++round, at: from });
}

function join(tab, { stream, at }) {
  if (tab === reader) leave(tab);
  Object.assign(tab, { stream, at });
  tab.post({ is: 'joined', stream, how: tab.how });
  const isHealthy = reader !== null && !isQuiet();
  // It is being opened from a position that also works for this tab.
  if (isHealthy && kept.length === 0 && (from === '' || leadsOn(from, at))) return;
  const first = kept.findLastIndex((frame) => fits(frame, at));
  if (isHealthy && first >= 0) kept.slice(first).forEach((frame) => send(tab, frame, true));
  else open(isHealthy ? reader : tab, at);
}

function leave(tab) {
  tab.stream = 0;
  if (tab !== reader) return;
  reader = null;
  // The newest tab is most likely in use.
  const next = joined().at(-1);
  if (next) open(next, newest());
  else kept = [];
}

function forget(tab) {
  tabs.delete(tab);
  leave(tab);
}

function receive(tab, frame) {
  if (tab !== reader || frame.round !== round) return;
  lastEventAt = performance.now();
  const isFirst = kept.length === 0;
  if (frame.name !== 'heartbeat') keep(frame);
  joined().forEach((each) => send(each, frame, false));
  // Tabs that wait for their next attempt can try now.
  if (isFirst && kept.length > 0) [...tabs].filter((each) => !each.stream).forEach((each) => each.post({ is: 'up' }));
}

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
    keptCharacters -= kept.shift().data.length;
  }
}

/** Each tab decides when to try again; the first one reads the stream for all. */
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

const handlers = { join, leave, frame: receive, broken: fail, here: () => {}, bye: forget };

/** Handles a message of a tab, which proves that it exists even if it was forgotten. */
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

/** Serves all tabs, one port each. */
function serveAll() {
  self.onconnect = ({ ports: [port] }) => {
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
  let request = null; // the page's join, with its current position
  let timer = 0;

  const broadcast = (to, message) => channel.postMessage({ to, by: me, message });
  const toPage = (message) => {
    clearTimeout(timer);
    if (request && message.is === 'frame' && message.name !== 'heartbeat') request.at = message.id;
    self.postMessage(message);
  };
  const page = { post: toPage, how: 'leads', stream: 0, at: '', responded: true };
  const other = (by) =>
    [...tabs].find((tab) => tab.by === by) ??
    { by, post: (message) => broadcast(by, message), how: 'follows', stream: 0, at: '', responded: true };
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
  // The request fails if another tab has become the leader because this one did not respond.
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
if ('onconnect' in self) serveAll();
else serveOne();
