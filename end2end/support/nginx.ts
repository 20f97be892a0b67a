// A real nginx between browser and server, for one test: on its own port, with all its files in one
// folder. In: the server behind it, and the directives under test. Out: its address, and the
// statuses of its responses.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Program, repository } from './programs';

/** The configuration recommended in `docs/PROXIES.md`. */
export const RECOMMENDED = `
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Connection "";
  proxy_buffering off;
`;

/** Delays events: compresses streams itself, and waits for enough data. */
export const DELAYING = `
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Accept-Encoding "";
  proxy_ignore_headers X-Accel-Buffering;
  gzip on;
  gzip_types text/event-stream;
`;

/**
 * Like `RECOMMENDED`, but closes idle streams: every stream, if below the 2.5 s of the server's
 * heartbeat.
 */
export const closingIdle = (seconds: number) => `${RECOMMENDED}  proxy_read_timeout ${seconds}s;\n`;

/** Reason why nginx cannot be tested, or undefined if it is installed. */
export function nginxIsMissing(): string | undefined {
  return nginxBinary() ? undefined : 'nginx is not installed (Debian: apt-get install nginx-light)';
}

export class Nginx {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly upstream: string,
    private readonly program: Program,
  ) {}

  /**
   * `location`: directives for everything below `/api/`, including streams; `server`: other
   * directives.
   */
  static async start(upstream: string, location = RECOMMENDED, server = ''): Promise<Nginx> {
    const folder = await mkdtemp(path.join(tmpdir(), 'quaylight-nginx-'));
    const port = await freePort();
    const nginx = { folder, port, upstream: new URL(upstream).host };
    await writeFile(path.join(folder, 'nginx.conf'), configuration(nginx, location, server));
    const args = ['-p', folder, '-e', 'stderr', '-c', path.join(folder, 'nginx.conf')];
    const { program } = await Program.start(nginxBinary()!, args, [/start worker process/]);
    return new Nginx(`http://127.0.0.1:${port}`, folder, nginx.upstream, program);
  }

  /**
   * The configuration of `docs/PROXIES.md`, except for ports, names and certificate: HTTP/2 over
   * TLS.
   */
  static async documented(upstream: string): Promise<Nginx> {
    const folder = await mkdtemp(path.join(tmpdir(), 'quaylight-nginx-'));
    const port = await freePort();
    const key = path.join(folder, 'key.pem');
    const certificate = path.join(folder, 'certificate.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate, ...subject];
    execFileSync('openssl', make, { stdio: 'ignore' });
    const { host } = new URL(upstream);
    const block = (await documentedBlock())
      .replace('server 127.0.0.1:3000;', `server ${host};`)
      .replace('listen 443 ', `listen 127.0.0.1:${port} `)
      .replace(/ssl_certificate .*;/, `ssl_certificate ${certificate};`)
      .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${key};`);
    await writeFile(path.join(folder, 'nginx.conf'), around(folder, block));
    const args = ['-p', folder, '-e', 'stderr', '-c', path.join(folder, 'nginx.conf')];
    const { program } = await Program.start(nginxBinary()!, args, [/start worker process/]);
    return new Nginx(`https://127.0.0.1:${port}`, folder, host, program);
  }

  /**
   * Reloads with another configuration; connected clients have `worker_shutdown_timeout` to leave.
   */
  async reload(location = RECOMMENDED, server = ''): Promise<void> {
    const nginx = { folder: this.folder, port: Number(new URL(this.url).port), upstream: this.upstream };
    await writeFile(path.join(this.folder, 'nginx.conf'), configuration(nginx, location, server));
    this.program.signal('SIGHUP');
  }

  /**
   * Statuses of responses for paths that begin with `prefix`, oldest first; a stream counts when it
   * ends.
   */
  async statuses(prefix: string): Promise<number[]> {
    const log = await readFile(path.join(this.folder, 'access.log'), 'utf8').catch(() => '');
    const lines = log.split('\n').map((line) => line.split(' '));
    return lines.filter(([, address]) => address?.startsWith(prefix)).map(([status]) => Number(status));
  }

  get output(): string {
    return this.program.output;
  }

  async end(): Promise<void> {
    await this.program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

type Place = { folder: string; port: number; upstream: string };

const configuration = ({ folder, port, upstream }: Place, location: string, server: string) =>
  around(
    folder,
    `server {
    listen 127.0.0.1:${port};
    ${server}
    # The page's own files are served as recommended in every test.
    location / {
      proxy_pass http://${upstream};
      ${RECOMMENDED}
    }
    location /api/ {
      proxy_pass http://${upstream};
      ${location}
    }
  }`,
  );

/** Everything in `folder`, nothing from the system's configuration. */
const around = (folder: string, servers: string) => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
worker_shutdown_timeout 1s;
error_log stderr notice;
pid ${folder}/nginx.pid;
events { worker_connections 512; }
http {
  log_format statuses '$status $request_uri $request_time';
  access_log ${folder}/access.log statuses;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  ${servers}
}
`;

/** The configuration in `docs/PROXIES.md`. */
async function documentedBlock(): Promise<string> {
  const text = await readFile(path.join(repository, 'docs/PROXIES.md'), 'utf8');
  const block = /^```nginx\n(.*?)^```$/ms.exec(text)?.[1];
  if (!block) throw new Error('docs/PROXIES.md has no nginx block');
  return block;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

function nginxBinary(): string | undefined {
  return `${process.env.PATH}:/usr/sbin:/usr/local/sbin`.split(':').map((folder) => path.join(folder, 'nginx')).find((file) => existsSync(file));
}
