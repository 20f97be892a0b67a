// Checks of every test: no exception, no error on the console, no violation of the content security
// policy, no request to another host. Also the hydration test: a mismatch is an error on the
// console.

import { type BrowserContext, expect } from '@playwright/test';

export class Guard {
  private readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [];

  /** Allows an error that the test provokes, such as a request refused while the server is down. */
  expectComplaint(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** Listens to every page of `context`; `origin` is the only host they may contact. */
  async watch(context: BrowserContext, origin: string): Promise<void> {
    context.on('weberror', (event) => this.complaints.push(`exception: ${event.error().stack ?? event.error().message}`));
    context.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== origin) this.complaints.push(`foreign host: ${request.url()}`);
    });
    await context.exposeBinding('__quaylightCspBreach', (_source, breach: string) => {
      this.complaints.push(`content security policy: ${breach}`);
    });
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        const report = (window as unknown as { __quaylightCspBreach(text: string): void }).__quaylightCspBreach;
        report(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }

  /** Fails the test on any error that it did not allow. */
  verify(): void {
    const unexpected = this.complaints.filter((complaint) => !this.expected.some((pattern) => pattern.test(complaint)));
    expect(unexpected, 'exceptions, console errors, policy breaches and foreign requests').toEqual([]);
  }
}

/**
 * Console messages while a server is down; the loader of chunks logs "Failed to fetch" before the
 * page retries.
 */
export const SERVER_IS_DOWN = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|Failed to fetch/;
