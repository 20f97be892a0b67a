// One simulated Docker Engine for one test: its own socket, its own containers, and faults on request.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineApi, request } from './engine-api';
import { Program, simulatorBinary } from './programs';

/** The scenario of a test that names none: a few containers that change only when told to. */
export const QUIET = 'quiet';

export class Simulator extends EngineApi {
  private constructor(
    private readonly folder: string,
    private readonly socket: string,
    private readonly program: Program,
    private readonly control: { host: string; port: number },
  ) {
    super({ socketPath: socket }, 'alpine:3.20', ['sleep', 'infinity']);
  }

  static async start(scenario: string): Promise<Simulator> {
    const folder = await mkdtemp(path.join(tmpdir(), 'quaylight-engine-'));
    const socket = path.join(folder, 'engine.sock');
    const args = ['--listen', `unix://${socket}`, '--scenario', scenario, '--control', '127.0.0.1:0'];
    const { program, matches } = await Program.start(simulatorBinary(), args, [/listening on/, /control on \D*([\d.]+):(\d+)/]);
    const [, host, port] = matches[1]!;
    return new Simulator(folder, socket, program, { host: host!, port: Number(port) });
  }

  /** As `quaylight --engine` takes it. */
  get url(): string {
    return `unix://${this.socket}`;
  }

  /** Changes the faults in force; the simulator's `fault.rs` explains them. They have taken place when this returns. */
  async faults(faults: unknown): Promise<void> {
    const answer = await request(this.control, 'POST', '/_simulator/faults', faults);
    if (answer.status >= 300) throw new Error(`faults: ${answer.status} ${answer.body}`);
  }

  /** The engine is gone: nothing answers on its socket, and its streams are cut. Its containers live on. */
  goAway = () => this.faults({ daemon: 'down' });

  /** The engine freezes: its socket accepts, and nothing answers. */
  freeze = () => this.faults({ daemon: 'frozen' });

  /** The engine is well again, with the containers it had. */
  comeBack = () => this.faults({ daemon: 'up' });

  /** The main process ends by itself, with a code or for lack of memory. */
  async crash(id: string, how: { exitCode?: number; outOfMemory?: boolean }): Promise<void> {
    const answer = await request(this.control, 'POST', `/_simulator/containers/${id}/crash`, how);
    if (answer.status >= 300) throw new Error(`crash: ${answer.status} ${answer.body}`);
  }

  /** Health checks of a container end like this from now on. */
  async setHealth(id: string, healthy: boolean): Promise<void> {
    const answer = await request(this.control, 'POST', `/_simulator/containers/${id}/health`, { healthy });
    if (answer.status >= 300) throw new Error(`health: ${answer.status} ${answer.body}`);
  }

  get output(): string {
    return this.program.output;
  }

  async end(): Promise<void> {
    await this.program.stop('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
