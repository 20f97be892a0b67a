// A Quaylight server for one test, on its own port, connected to the engine of that test.

import { Program, quaylightBinary } from './programs';

export class Quaylight {
  private constructor(
    readonly url: string,
    private readonly args: string[],
    private program: Program,
  ) {}

  static async start(engine: string, args: string[] = [], listen = '127.0.0.1:0'): Promise<Quaylight> {
    const all = ['--engine', engine, ...args];
    const { program, matches } = await launch(all, listen);
    return new Quaylight(matches[0]![0], all, program);
  }

  /** Kills the server, as in a crash. */
  async kill(): Promise<void> {
    await this.program.stop('SIGKILL');
  }

  /** Starts it again at the same address. */
  async startAgain(): Promise<void> {
    this.program = (await launch(this.args, new URL(this.url).host)).program;
  }

  get output(): string {
    return this.program.output;
  }

  async end(): Promise<void> {
    await this.program.stop();
  }
}

const launch = (args: string[], listen: string) =>
  Program.start(quaylightBinary(), [...args, '--listen', listen], [/http:\/\/127\.0\.0\.1:\d+/]);
