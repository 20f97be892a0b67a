// A simulated Docker Engine for one test: its own socket, its own containers, and faults.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineApi, request } from './engine-api';
import { Program, simulatorBinary } from './programs';

/** The default scenario: a few containers that do not change unless a test changes them. */
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

  /** In the format of `quaylight --engine`. */
  get url(): string {
    return `unix://${this.socket}`;
  }

  /**
   * Changes the faults, which `fault.rs` of the simulator explains. They are applied when this
   * returns.
   */
  async faults(faults: unknown): Promise<void> {
    const response = await request(this.control, 'POST', '/_simulator/faults', faults);
    if (response.status >= 300) throw new Error(`faults: ${response.status} ${response.body}`);
  }

  /**
   * Stops the engine: nothing listens on its socket, and its streams are closed. Its containers
   * keep running.
   */
  goAway = () => this.faults({ daemon: 'down' });

  /** Freezes the engine: its socket accepts, but nothing responds. */
  freeze = () => this.faults({ daemon: 'frozen' });

  /** Restores the engine with its containers. */
  comeBack = () => this.faults({ daemon: 'up' });

  /** Ends the main process, with an exit code or because memory ran out. */
  async crash(id: string, how: { exitCode?: number; outOfMemory?: boolean }): Promise<void> {
    const response = await request(this.control, 'POST', `/_simulator/containers/${id}/crash`, how);
    if (response.status >= 300) throw new Error(`crash: ${response.status} ${response.body}`);
  }

  /** Sets the result of a container's health checks. */
  async setHealth(id: string, healthy: boolean): Promise<void> {
    const response = await request(this.control, 'POST', `/_simulator/containers/${id}/health`, { healthy });
    if (response.status >= 300) throw new Error(`health: ${response.status} ${response.body}`);
  }

  get output(): string {
    return this.program.output;
  }

  async end(): Promise<void> {
    await this.program.stop('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
