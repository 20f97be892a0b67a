// Runs the exchange's script without a browser: several tabs and a server around it, all simulated,
// so that their histories can be generated. In: app/src/client/exchange.js. Out: tabs that hold
// what they received, by the rules of the client's reader.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { repository } from './programs';

export type Message = Record<string, unknown> & { is: string };

const SCRIPT = path.join(repository, 'app/src/client/exchange.js');

/**
 * Counts revisions; each changes one of a few rows, so the rows held show which changes were
 * missed.
 */
export class Server {
  epoch = 'a';
  revision = 1;
  /** Revision that last changed each row. */
  rows: number[] = [0, 0, 0, 0];
  /** The rows at each revision, by its id. */
  readonly history = new Map([['a.1', [0, 0, 0, 0]]]);

  get id(): string {
    return `${this.epoch}.${this.revision}`;
  }

  change(row: number): void {
    this.revision += 1;
    this.rows[row % this.rows.length] = this.revision;
    this.history.set(this.id, [...this.rows]);
  }

  restart(): void {
    this.epoch = String.fromCharCode(this.epoch.charCodeAt(0) + 1);
    this.revision = 1;
    this.rows = this.rows.map(() => 1);
    this.history.set(this.id, [...this.rows]);
  }
}

/** The server's frame for a reader at `at`: a delta to the current state, or a snapshot. */
function frame(server: Server, at: string): { name: string; data: string; id: string } {
  const { id } = server;
  const [epoch, held] = [at.split('.')[0], Number(at.split('.')[1])];
  if (epoch !== server.epoch) return { name: 'snapshot', data: JSON.stringify(server.rows), id };
  const changed = Object.fromEntries(server.rows.map((revision, row) => [row, revision] as const).filter(([, revision]) => revision > held));
  return { name: 'delta', data: JSON.stringify(changed), id };
}

/** A tab: holds rows as of `at`, and may read the stream for all. */
export class Tab {
  rows: number[];
  at: string;
  stream = 0;
  /** The stream it reads for all, and its position. */
  opened?: { round: number; at: string; greeted: boolean };
  /** Messages under way, in both directions. */
  readonly inbox: Message[] = [];
  readonly outbox: Message[] = [];
  deliver!: (message: Message) => void;

  constructor(readonly server: Server) {
    this.rows = [...server.rows];
    this.at = server.id;
  }

  join(fresh = false): void {
    this.opened = undefined;
    this.stream += 1;
    this.joined = true;
    this.outbox.push({ is: 'join', stream: this.stream, at: fresh ? '' : this.at });
  }

  joined = false;

  leave(is: 'leave' | 'bye'): void {
    this.joined = false;
    this.opened = undefined;
    this.outbox.push({ is });
  }

  /** The stream it reads delivers frames, or breaks. */
  read(): void {
    if (!this.opened || !this.isBehind) return;
    const next = frame(this.server, this.opened.at);
    this.outbox.push({ is: 'frame', round: this.opened.round, ...next });
    this.opened = { ...this.opened, at: next.id, greeted: true };
  }

  /** True if reading would deliver a frame. */
  get isBehind(): boolean {
    return this.opened !== undefined && !(this.opened.greeted && this.opened.at === this.server.id);
  }

  break(): void {
    if (this.opened) this.outbox.push({ is: 'broken', round: this.opened.round, problem: 'ended' });
    this.opened = undefined;
  }

  receive(): void {
    const message = this.inbox.shift();
    if (!message) return;
    if (message.is === 'ping') this.outbox.push({ is: 'here' });
    if (message.is === 'joined') this.opened = undefined;
    if (message.is === 'closeStream') this.opened = undefined;
    if (message.is === 'openStream' && this.joined) this.opened = { round: message.round as number, at: message.at as string, greeted: false };
    if (message.is === 'live' && !this.joined) this.join();
    if (message.stream !== this.stream || !this.joined) return;
    if (message.is === 'broken') this.joined = false;
    if (message.is === 'frame') this.apply(message as unknown as { name: string; data: string; id: string });
  }

  /**
   * As app/src/client/reader.rs: a foreign epoch is an error; a frame to an earlier revision has no
   * effect.
   */
  private apply({ name, data, id }: { name: string; data: string; id: string }): void {
    const [epoch, revision] = id.split('.') as [string, string];
    const [heldEpoch, held] = this.at.split('.') as [string, string];
    if (name === 'delta' && epoch !== heldEpoch) throw new Error(`a delta to ${id} came when ${this.at} was held`);
    if (epoch === heldEpoch && Number(revision) < Number(held)) return;
    if (name === 'snapshot') this.rows = JSON.parse(data);
    else Object.entries(JSON.parse(data) as Record<string, number>).forEach(([row, changed]) => (this.rows[Number(row)] = changed));
    this.at = id;
    const [now, then] = [String(this.rows), String(this.server.history.get(id))];
    if (now !== then) throw new Error(`at ${id} the server held ${then}, the tab holds ${now}`);
  }
}

/** The script as in a SharedWorker, with a clock that is advanced manually. */
export class Exchange {
  private now = 0;
  private ping: () => void = () => undefined;
  private readonly global: { onconnect?: (event: { ports: unknown[] }) => void } = { onconnect: undefined };

  constructor() {
    const context = vm.createContext({
      self: this.global,
      performance: { now: () => this.now },
      setInterval: (ring: () => void) => (this.ping = ring),
    });
    vm.runInContext(readFileSync(SCRIPT, 'utf8'), context, { filename: SCRIPT });
  }

  connect(tab: Tab): void {
    const port = {
      postMessage: (message: Message) => tab.inbox.push(structuredClone(message)),
      addEventListener: () => undefined,
      onmessage: (_event: { data: Message }): void => undefined,
    };
    this.global.onconnect!({ ports: [port] });
    tab.deliver = (data) => port.onmessage({ data });
  }

  /** Delivers the oldest message of this tab. */
  handleMessageOf(tab: Tab): void {
    const message = tab.outbox.shift();
    if (message) tab.deliver(message);
  }

  advance(millis: number): void {
    this.now += millis;
  }

  pingTabs(): void {
    this.ping();
  }
}
