// Where the programs under test are, and one program running for one test.
// In: a command line and the line that means "ready". Out: what that line said, all output, and an end that is certain.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const repository = path.resolve(__dirname, '../..');

/** How long a program may take to say that it is ready: it takes tenths of a second, on a machine that compiles beside it, seconds. */
const READY_MILLIS = 20_000;

/** Nobody's users but the test's. */
const NOBODY = { QUAYLIGHT_DATA_DIR: path.join(tmpdir(), 'quaylight-of-nobody') };

/** The system's Chromium, found the way `scripts/browser` finds it; its message is the error. */
export function chromium(): string {
  return process.env.CHROMIUM ?? execFileSync(path.join(repository, 'scripts/browser'), { encoding: 'utf8' }).trim();
}

/** A built program: from `scripts/e2e`, else the release. */
function built(variable: string, name: string): string {
  const file = process.env[variable] ?? path.join(repository, 'target/release', name);
  if (!existsSync(file)) throw new Error(`${file} is not there; run make build, or make e2e`);
  return file;
}

export const quaylightBinary = () => built('QUAYLIGHT_BIN', 'quaylight');
export const simulatorBinary = () => built('QUAYLIGHT_SIMULATOR_BIN', 'quaylight-simulator');

export class Program {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: string[],
    private readonly exited: Promise<void>,
  ) {}

  /** Starts `command` and waits until every pattern of `ready` has matched a line; gives back what they matched. */
  static async start(command: string, args: string[], ready: RegExp[], env: Record<string, string> = {}) {
    const child = spawn(command, args, { cwd: repository, env: { ...process.env, ...NOBODY, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    const matches: (RegExpMatchArray | undefined)[] = ready.map(() => undefined);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const program = new Program(child, lines, exited);

    const isReady = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(program.failure(`${command} did not say it was ready`)), READY_MILLIS);
      const settle = (end: () => void) => (clearTimeout(timer), end());
      const read = (line: string) => {
        lines.push(line);
        ready.forEach((pattern, index) => (matches[index] ??= line.match(pattern) ?? undefined));
        if (matches.every(Boolean)) settle(resolve);
      };
      for (const stream of [child.stdout!, child.stderr!]) {
        let rest = '';
        stream.setEncoding('utf8').on('data', (text: string) => {
          const parts = (rest + text).split('\n');
          rest = parts.pop()!;
          parts.forEach(read);
        });
      }
      child.once('error', (error) => settle(() => reject(error)));
      child.once('exit', (code) => settle(() => reject(program.failure(`${command} ended with ${code}`))));
    });
    try {
      await isReady;
    } catch (error) {
      await program.stop('SIGKILL');
      throw error;
    }
    return { program, matches: matches as RegExpMatchArray[] };
  }

  /** Everything the program wrote so far. */
  get output(): string {
    return this.lines.join('\n');
  }

  /** Sends a signal that does not end it. */
  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Sends the signal and waits for the end; a program that ignores it for 5 s is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined) return;
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await this.exited;
    clearTimeout(timer);
  }

  private failure(what: string): Error {
    return new Error(`${what}. Its output:\n${this.output}`);
  }
}
