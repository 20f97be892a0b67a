// The part of the Docker Engine API that the tests use, over a unix socket or TCP. It is the same
// for the simulator and for a real engine, so a test does not depend on which one it uses.

import http from 'node:http';

/** Response of an engine or a control address. */
export type EngineResponse = { status: number; body: string };

/** Path of a unix socket, or a host and port. */
export type Endpoint = { socketPath: string } | { host: string; port: number };

export type NewContainer = {
  image?: string;
  command?: string[];
  labels?: Record<string, string>;
  env?: string[];
  memoryBytes?: number;
  cpus?: number;
  ports?: { container: number; host: number; ip?: string; protocol?: 'tcp' | 'udp' }[];
  /** Command of the health check, run every second; two failures in a row make it unhealthy. */
  healthCommand?: string;
  restartPolicy?: 'no' | 'always' | 'unless-stopped' | 'on-failure';
};

/**
 * Sends an HTTP request with a JSON or raw body; resolves with every response, including errors.
 */
export function request(endpoint: Endpoint, method: string, path: string, body?: unknown): Promise<EngineResponse> {
  const raw = Buffer.isBuffer(body);
  const payload = body === undefined ? undefined : raw ? body : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const headers = payload && { 'Content-Type': raw ? 'application/x-tar' : 'application/json', 'Content-Length': payload.length };
    const call = http.request({ ...endpoint, method, path, headers, agent: false, timeout: 15_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.once('error', reject);
    });
    call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no response in 15 s`)));
    call.once('error', reject);
    call.end(payload);
  });
}

const portKey = ({ container, protocol }: { container: number; protocol?: string }) => `${container}/${protocol ?? 'tcp'}`;

const STATE_AFTER: Record<string, string> = { die: 'exited', pause: 'paused', start: 'running', unpause: 'running' };

export class EngineApi {
  constructor(
    readonly endpoint: Endpoint,
    /** Default command of a new container. */
    private readonly image: string,
    private readonly command: string[],
  ) {}

  /** Creates a container, not started, and returns its id. */
  async create(name: string, container: NewContainer = {}): Promise<string> {
    const ports = container.ports ?? [];
    const keys = [...new Set(ports.map(portKey))];
    const bindings = (key: string) =>
      ports.filter((port) => portKey(port) === key).map(({ ip, host }) => ({ HostIp: ip ?? '', HostPort: String(host) }));
    const body = {
      Image: container.image ?? this.image,
      Cmd: container.command ?? this.command,
      Labels: container.labels ?? {},
      Env: container.env ?? [],
      ExposedPorts: Object.fromEntries(keys.map((key) => [key, {}])),
      Healthcheck: container.healthCommand ? { Test: ['CMD-SHELL', container.healthCommand], Interval: 1_000_000_000, Retries: 2 } : undefined,
      HostConfig: {
        RestartPolicy: { Name: container.restartPolicy ?? 'no' },
        Memory: container.memoryBytes ?? 0,
        NanoCpus: (container.cpus ?? 0) * 1e9,
        PortBindings: Object.fromEntries(keys.map((key) => [key, bindings(key)])),
      },
    };
    const response = await this.call('POST', `/containers/create?name=${encodeURIComponent(name)}`, body);
    return (JSON.parse(response.body) as { Id: string }).Id;
  }

  /** Creates a container and starts it. */
  async run(name: string, container: NewContainer = {}): Promise<string> {
    const id = await this.create(name, container);
    await this.start(id);
    return id;
  }

  /** Moves a tag to another image; existing containers keep theirs. */
  moveTag = (repo: string, tag: string) =>
    this.call('POST', `/images/create?fromSrc=-&repo=${encodeURIComponent(repo)}&tag=${tag}`, Buffer.alloc(0));

  start = (id: string) => this.call('POST', `/containers/${id}/start`);
  stop = (id: string) => this.call('POST', `/containers/${id}/stop?t=0`);
  restart = (id: string) => this.call('POST', `/containers/${id}/restart?t=0`);
  pause = (id: string) => this.call('POST', `/containers/${id}/pause`);
  unpause = (id: string) => this.call('POST', `/containers/${id}/unpause`);
  kill = (id: string) => this.call('POST', `/containers/${id}/kill`);
  rename = (id: string, name: string) => this.call('POST', `/containers/${id}/rename?name=${encodeURIComponent(name)}`);
  remove = (id: string) => this.call('DELETE', `/containers/${id}?force=true`);

  /** Every container, as listed by the engine. */
  async list(): Promise<{ Id: string; Names: string[]; State: string }[]> {
    return JSON.parse((await this.call('GET', '/containers/json?all=1')).body);
  }

  /** The engine's state of a container. */
  async stateOf(id: string): Promise<string> {
    return (await this.inspectState(id)).Status;
  }

  /** Start of its last run; changes with a restart. */
  async startOf(id: string): Promise<string> {
    return (await this.inspectState(id)).StartedAt;
  }

  private async inspectState(id: string): Promise<{ Status: string; StartedAt: string }> {
    const response = await this.call('GET', `/containers/${id}/json`);
    return (JSON.parse(response.body) as { State: { Status: string; StartedAt: string } }).State;
  }

  /**
   * State changes that the engine reported since `began`, with their times, both in milliseconds
   * since 1970.
   */
  async events(began: number): Promise<{ id: string; state: string; at: number }[]> {
    const filters = encodeURIComponent(JSON.stringify({ type: ['container'], event: Object.keys(STATE_AFTER) }));
    const response = await this.call('GET', `/events?since=${began / 1000}&until=${Date.now() / 1000}&filters=${filters}`);
    const lines = response.body.trim().split('\n').map((line) => JSON.parse(line) as { Action: string; Actor: { ID: string }; timeNano: number });
    return lines.map(({ Action, Actor, timeNano }) => ({ id: Actor.ID, state: STATE_AFTER[Action]!, at: timeNano / 1e6 }));
  }

  /** A request that must succeed. */
  async call(method: string, path: string, body?: unknown): Promise<EngineResponse> {
    const response = await request(this.endpoint, method, path, body);
    if (response.status >= 400) throw new Error(`${method} ${path}: ${response.status} ${response.body}`);
    return response;
  }
}
