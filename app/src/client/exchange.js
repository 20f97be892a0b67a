// The exchange: here the tabs of one browser share one stream. Plain JavaScript, run as it stands, in one of two places:
// as a SharedWorker (one for all tabs), or, where there is none, as a Worker of each tab, of which the one that holds a Web Lock
// does the work and the others pass messages to it over a BroadcastChannel.
//
// The exchange opens nothing itself: one of the tabs reads the stream for all (it "lends" its EventSource), so the request is that
// tab's own, to be seen and blocked in its developer tools. What the tab hears goes to every tab that has joined, as it came.
//
// Why nothing is missed: a delta from revision A to B makes B of whatever stands at A or between A and B, since it holds whole rows.
// Frames are kept as an unbroken run, each leading on from the one before. Who joins and stands at P gets the run from its last frame
// that leads on from P or earlier; if there is none, the stream is opened anew from P, or with a snapshot, for all.
//
// A tab says  {is: join, stream, at} {is: leave} {is: frame, round, name, data, id} {is: broken, round, problem} {is: here} {is: bye}
// and is told {is: joined, stream, how} {is: frame, stream, name, data, id, late} {is: broken, stream, problem} {is: lend, round, at}
//             {is: return} {is: up} {is: ping}
// `at` is an <epoch>.<revision>, or empty for nowhere; `data` is in the form of protocol/compact.rs.
// Its other end is exchange.rs; what it promises is tested in exchange.spec.ts.
'use strict';

/** A stream that said nothing for so long is not joined but opened anew by who asks: the server's heart beats every 2.5 s,
 *  and a page that woke up has no more patience with its own. */
const QUIET_MILLIS = 4_000;
/** Pace at which tabs are asked whether they are there. A closed tab says goodbye; only one that crashed has to be found out. */
const PING_MILLIS = 15_000;
/** What is kept for tabs to come: the time between a page's rendering and its joining, some times over, and 1 MB at most. */
const KEPT_FRAMES = 64, KEPT_CHARACTERS = 1_000_000;
/** How long a tab without SharedWorker waits for the tab that leads before it leads itself: that one may be frozen. */
const ANSWER_MILLIS = 3_000;

const tabs = new Set(); // {post, how, stream (0: not joined), at, answered}
const past = new Set(); // epochs that another one has followed
let reader = null; // the tab that reads the stream
let round = 0; // counts the streams: what is heard of an older one is too late
let from = ''; // where the stream was asked to begin
let heardAt = 0;
let kept = []; // {name, data, id, from}: the newest frames of the stream, heartbeats left out
let keptCharacters = 0;

const epoch = (id) => id.slice(0, Math.max(id.lastIndexOf('.'), 0));
const revision = (id) => Number(id.slice(id.lastIndexOf('.') + 1));
const joined = () => [...tabs].filter((tab) => tab.stream);
const newest = () => kept.at(-1)?.id ?? from;
const isQuiet = () => performance.now() - heardAt > QUIET_MILLIS;

/** Whether what leads on from `start` can be applied by who stands at `at`. */
const leadsOn = (start, at) => at !== '' && epoch(at) === epoch(start) && revision(at) >= revision(start);
/** Whether a kept frame can be. A snapshot can by all of its epoch and of those that came before it. */
const fits = (frame, at) =>
  frame.name === 'snapshot' ? epoch(at) === epoch(frame.id) || past.has(epoch(at)) : leadsOn(frame.from, at);

const tell = (tab, { name, data, id }, late) => tab.post({ is: 'frame', stream: tab.stream, name, data, id, late });

/** Where a stream has to begin to be of use at both places. */
const before = (one, other) => (one === other || leadsOn(one, other) ? one : leadsOn(other, one) ? other : '');

/** Opens the stream anew, read by `tab`: from `at`, or from before that, if others have joined who stand elsewhere. */
function open(tab, at) {
  from = joined().length > 1 ? before(at, newest()) : at;
  if (reader !== tab) reader?.post({ is: 'return' });
  reader = tab;
  kept = [];
  keptCharacters = 0;
  heardAt = performance.now();
  reader.post({ is: 'lend', round: ++round, at: from });
}

function join(tab, { stream, at }) {
  if (tab === reader) leave(tab);
  Object.assign(tab, { stream, at });
  tab.post({ is: 'joined', stream, how: tab.how });
  const isWell = reader !== null && !isQuiet();
  // Being opened from where it helps this one, too.
  if (isWell && kept.length === 0 && (from === '' || leadsOn(from, at))) return;
  const first = kept.findLastIndex((frame) => fits(frame, at));
  if (isWell && first >= 0) kept.slice(first).forEach((frame) => tell(tab, frame, true));
  else open(isWell ? reader : tab, at);
}

function leave(tab) {
  tab.stream = 0;
  if (tab !== reader) return;
  reader = null;
  // The newest is the likeliest to be in use.
  const next = joined().at(-1);
  if (next) open(next, newest());
  else kept = [];
}

function forget(tab) {
  tabs.delete(tab);
  leave(tab);
}

function hear(tab, frame) {
  if (tab !== reader || frame.round !== round) return;
  heardAt = performance.now();
  const isFirst = kept.length === 0;
  if (frame.name !== 'heartbeat') keep(frame);
  joined().forEach((each) => tell(each, frame, false));
  // Those who wait for their next attempt need not wait any longer.
  if (isFirst && kept.length > 0) [...tabs].filter((each) => !each.stream).forEach((each) => each.post({ is: 'up' }));
}

function keep({ name, data, id }) {
  const start = newest();
  if (name === 'snapshot') {
    [start, ...joined().map(({ at }) => at)].forEach((at) => past.add(epoch(at)));
    ['', epoch(id)].forEach((present) => past.delete(present));
    kept = [];
    keptCharacters = 0;
  }
  kept.push({ name, data, id, from: start });
  keptCharacters += data.length;
  while (kept.length > 1 && (kept.length > KEPT_FRAMES || keptCharacters > KEPT_CHARACTERS)) {
    keptCharacters -= kept.shift().data.length;
  }
}

/** Everybody decides for himself when to try again; the first who does reads for all. */
function lose(tab, { round: broken, problem }) {
  if (tab !== reader || broken !== round) return;
  reader = null;
  kept = [];
  for (const each of joined()) {
    const { stream } = each;
    each.stream = 0;
    each.post({ is: 'broken', stream, problem });
  }
}

const acts = { join, leave, frame: hear, broken: lose, here: () => {}, bye: forget };

/** A tab says something; so it is there, even if it had been forgotten. */
function take(tab, message) {
  tab.answered = true;
  tabs.add(tab);
  acts[message.is]?.(tab, message);
}

function lookRound() {
  for (const tab of tabs) {
    if (!tab.answered) forget(tab);
    tab.answered = false;
    tab.post({ is: 'ping' });
  }
}

/** For all tabs: each is a port. */
function serveAll() {
  self.onconnect = ({ ports: [port] }) => {
    const tab = { post: (message) => port.postMessage(message), how: 'shared', stream: 0, at: '', answered: true };
    tabs.add(tab);
    // Where the browser tells that the other end is gone.
    port.addEventListener('close', () => forget(tab));
    port.onmessage = ({ data }) => take(tab, data);
  };
}

/** For one tab, and for all while it holds the lock. */
function serveOne() {
  const name = `quaylight${self.location.pathname}`;
  const channel = new BroadcastChannel(name);
  const me = crypto.randomUUID();
  let leads = false;
  let wish = null; // the page's join, kept up with what it was sent
  let timer = 0;

  const send = (to, message) => channel.postMessage({ to, by: me, message });
  const toPage = (message) => {
    clearTimeout(timer);
    if (wish && message.is === 'frame' && message.name !== 'heartbeat') wish.at = message.id;
    self.postMessage(message);
  };
  const page = { post: toPage, how: 'leads', stream: 0, at: '', answered: true };
  const other = (by) =>
    [...tabs].find((tab) => tab.by === by) ??
    { by, post: (message) => send(by, message), how: 'follows', stream: 0, at: '', answered: true };
  const ask = (message) => {
    if (leads) return take(page, message);
    clearTimeout(timer);
    if (message.is === 'join') timer = setTimeout(() => lead({ steal: true }), ANSWER_MILLIS);
    send('leader', message);
  };
  const rejoin = () => wish && ask({ ...wish });
  const hold = () => {
    leads = true;
    clearTimeout(timer);
    send('all', {});
    rejoin();
    return new Promise(() => {});
  };
  // It fails when another tab has taken the lead, because this one did not answer.
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
    if (data.is === 'join') wish = { ...data };
    if (data.is === 'leave' || data.is === 'bye') wish = null;
    // With the lock, the lead goes to whoever is next.
    if (!leads || data.is !== 'bye') ask(data);
    if (data.is === 'bye') self.close();
  };
  channel.onmessage = ({ data: { to, by, message } }) => {
    if (to === me) toPage(message);
    else if (to === 'leader' && leads) take(other(by), message);
    // A new leader, who knows of nobody yet.
    else if (to === 'all' && !leads) rejoin();
  };
  lead({});
}

setInterval(lookRound, PING_MILLIS);
if ('onconnect' in self) serveAll();
else serveOne();
