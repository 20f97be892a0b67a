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
    private readonly scenario: string,
    private running: { program: Program; control: { host: string; port: number } },
  ) {
    super({ socketPath: socket }, 'alpine:3.20', ['sleep', 'infinity']);
  }

  static async start(scenario: string): Promise<Simulator> {
    const folder = await mkdtemp(path.join(tmpdir(), 'quaylight-engine-'));
    const socket = path.join(folder, 'engine.sock');
    return new Simulator(folder, socket, scenario, await launch(socket, scenario));
  }

  /** As `quaylight --engine` takes it. */
  get url(): string {
    return `unix://${this.socket}`;
  }

  /** Sets faults; see the simulator's crate documentation for their names. */
  async faults(faults: unknown): Promise<void> {
    const answer = await request(this.running.control, 'POST', '/_simulator/faults', faults);
    if (answer.status >= 300) throw new Error(`faults: ${answer.status} ${answer.body}`);
  }

  /** The engine is gone: nothing answers on its socket, and its streams are cut. */
  async goAway(): Promise<void> {
    await this.running.program.stop('SIGKILL');
    await rm(this.socket, { force: true });
  }

  /** The engine is back on the same socket, as the scenario begins. */
  async comeBack(): Promise<void> {
    this.running = await launch(this.socket, this.scenario);
  }

  /** The engine freezes: its socket accepts, and nothing answers. `false` thaws it. */
  freeze(frozen: boolean): void {
    this.running.program.signal(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  get output(): string {
    return this.running.program.output;
  }

  async end(): Promise<void> {
    await this.running.program.stop('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function launch(socket: string, scenario: string) {
  const args = ['--listen', `unix://${socket}`, '--scenario', scenario, '--control', '127.0.0.1:0'];
  const { program, matches } = await Program.start(simulatorBinary(), args, [/listening on/, /control on \D*([\d.]+):(\d+)/]);
  const [, host, port] = matches[1]!;
  return { program, control: { host: host!, port: Number(port) } };
}
