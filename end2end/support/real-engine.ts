// A real Docker Engine for the tests: DOCKER_HOST if it is set, or a private dockerd if this
// process is root and dockerd is installed. Otherwise the tests are skipped with the reason;
// REQUIRE_DOCKER=1 makes that a failure.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Endpoint, EngineApi } from './engine-api';
import { Program } from './programs';

const IMAGE = 'quaylight-end2end:1';

/** Reason why there is no real engine, or undefined if there is one. */
export function realEngineIsMissing(): string | undefined {
  if (process.env.DOCKER_HOST) return undefined;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'DOCKER_HOST is not set, and only root on Linux can start an engine';
  if (!onPath('dockerd')) return 'DOCKER_HOST is not set, and dockerd is not installed';
  if (!onPath('busybox')) return 'busybox is not installed: there is nothing to run in a container';
  return undefined;
}

export class RealEngine extends EngineApi {
  private constructor(
    readonly url: string,
    endpoint: Endpoint,
    private daemon?: { program: Program; folder: string },
  ) {
    super(endpoint, IMAGE, ['sleep', '3600']);
  }

  static async start(): Promise<RealEngine> {
    const host = process.env.DOCKER_HOST;
    const engine = host ? new RealEngine(host, endpointOf(host)) : await RealEngine.startOwn();
    await engine.importImage();
    return engine;
  }

  /** True if the engine is private, so that it may be stopped and started. */
  get isOwn(): boolean {
    return this.daemon !== undefined;
  }

  async goAway(): Promise<void> {
    await this.daemon?.program.stop('SIGKILL');
  }

  async comeBack(): Promise<void> {
    if (this.daemon) this.daemon.program = await startDaemon(this.daemon.folder);
  }

  /** Removes the containers of these tests, and a private engine. */
  async end(): Promise<void> {
    const ours = JSON.parse((await this.call('GET', `/containers/json?all=1&filters=${encodeURIComponent(`{"ancestor":["${IMAGE}"]}`)}`)).body);
    for (const { Id } of ours as { Id: string }[]) await this.remove(Id);
    if (!this.daemon) return;
    await this.daemon.program.stop();
    await leaveNothing(this.daemon.folder);
  }

  private static async startOwn(): Promise<RealEngine> {
    const folder = await mkdtemp(path.join(tmpdir(), 'quaylight-dockerd-'));
    const socketPath = socketOf(folder);
    return new RealEngine(`unix://${socketPath}`, { socketPath }, { program: await startDaemon(folder), folder });
  }

  /** An image with a static busybox, which needs no registry. */
  private async importImage(): Promise<void> {
    const folder = await mkdtemp(path.join(tmpdir(), 'quaylight-image-'));
    await mkdir(path.join(folder, 'bin'));
    execFileSync('cp', [onPath('busybox')!, path.join(folder, 'bin/busybox')]);
    for (const name of ['sh', 'sleep', 'yes']) execFileSync('ln', ['-s', 'busybox', path.join(folder, 'bin', name)]);
    const archive = execFileSync('tar', ['-C', folder, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 });
    const [repo, tag] = IMAGE.split(':');
    await this.call('POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag}`, archive);
    await rm(folder, { recursive: true });
  }
}

const socketOf = (folder: string) => path.join(folder, 'docker.sock');

/**
 * Keeps all files in `folder`; without bridge and firewall rules, to leave the host unchanged.
 * Containers outlive it.
 */
async function startDaemon(folder: string): Promise<Program> {
  const args = ['--host', `unix://${socketOf(folder)}`, '--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`,
    '--pidfile', `${folder}/pid`, '--bridge', 'none', '--iptables=false', '--ip6tables=false', '--live-restore'];
  // Process ids left by a killed daemon, for which the next one would wait.
  await rm(path.join(folder, 'pid'), { force: true });
  await rm(path.join(folder, 'exec/containerd/containerd.pid'), { force: true });
  return (await Program.start(onPath('dockerd')!, args, [/API listen on/])).program;
}

/** Stops everything a killed daemon left running, unmounts its mounts, and removes its folder. */
async function leaveNothing(folder: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder)) process.kill(Number(pid), 'SIGKILL');
  }
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((at) => at.startsWith(folder)).reverse()) {
    spawnSync('umount', ['--lazy', mount]);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}

function endpointOf(host: string): Endpoint {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  return { host: url.hostname, port: Number(url.port || 2375) };
}

function onPath(name: string): string | undefined {
  return `${process.env.PATH}:/usr/sbin:/sbin`.split(':').map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

