// Paths of the programs under test, and a program that runs for one test. In: a command line and
// the line that means "ready". Out: the matches in that line, all output, and a guaranteed end.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const repository = path.resolve(__dirname, '../..');

/**
 * Timeout for a program's start, which takes a fraction of a second, or seconds on a busy machine.
 */
const READY_TIMEOUT_MILLIS = 20_000;

/** An empty data folder, so that users of this machine do not matter. */
const NO_USERS = { QUAYLIGHT_DATA_DIR: path.join(tmpdir(), 'quaylight-without-users') };

/** The system's Chromium, found by `scripts/browser`; throws with its message. */
export function chromium(): string {
  return process.env.CHROMIUM ?? execFileSync(path.join(repository, 'scripts/browser'), { encoding: 'utf8' }).trim();
}

/** A built program: from `scripts/e2e`, or the release build. */
function built(variable: string, name: string): string {
  const file = process.env[variable] ?? path.join(repository, 'target/release', name);
  if (!existsSync(file)) throw new Error(`${file} does not exist; run make build, or make e2e`);
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

  /**
   * Starts `command` and waits until every pattern of `ready` has matched a line; returns the
   * matches.
   */
  static async start(command: string, args: string[], ready: RegExp[], env: Record<string, string> = {}) {
    const child = spawn(command, args, { cwd: repository, env: { ...process.env, ...NO_USERS, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    const matches: (RegExpMatchArray | undefined)[] = ready.map(() => undefined);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const program = new Program(child, lines, exited);

    const isReady = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(program.failure(`${command} did not become ready`)), READY_TIMEOUT_MILLIS);
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

  /** All output so far. */
  get output(): string {
    return this.lines.join('\n');
  }

  /** Sends a signal that does not end it. */
  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Sends the signal and waits for the end; kills the program after 5 s. */
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
