// The `test` that every spec imports. Each test gets its own simulated engine (`engine`), its own
// server for it (`server`), the page object of the list (`containers`), and a guard.

import AxeBuilder from '@axe-core/playwright';
import { type Page, test as base, expect } from '@playwright/test';
import { ContainersPage } from './containers-page';
import { Guard } from './guard';
import { Quaylight } from './server';
import { QUIET, Simulator } from './simulator';

export { expect };

type Options = {
  /** Scenario of the engine. */
  scenario: string;
  /** Flags of the server besides `--engine` and `--listen`. */
  serverArgs: string[];
};

type Fixtures = {
  /** The only address that the browser may contact. */
  guardedOrigin: string;
  engine: Simulator;
  server: Quaylight;
  guard: Guard;
  containers: ContainersPage;
};

/** WCAG 2.2 A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export const test = base.extend<Options & Fixtures>({
  scenario: [QUIET, { option: true }],
  serverArgs: [[], { option: true }],

  engine: async ({ scenario }, use, info) => {
    const engine = await Simulator.start(scenario);
    await use(engine);
    if (info.status !== info.expectedStatus) await info.attach('simulator output', { body: engine.output });
    await engine.end();
  },

  server: async ({ engine, serverArgs }, use, info) => {
    const server = await Quaylight.start(engine.url, serverArgs);
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach('server output', { body: server.output });
    await server.end();
  },

  baseURL: async ({ server }, use) => use(server.url),

  guardedOrigin: async ({ server }, use) => use(server.url),

  guard: [
    async ({ context, guardedOrigin }, use) => {
      const guard = new Guard();
      await guard.watch(context, new URL(guardedOrigin).origin);
      await use(guard);
      guard.verify();
    },
    { auto: true },
  ],

  containers: async ({ page }, use) => use(new ContainersPage(page)),
});

/** Fails on every violation of WCAG 2.2 A and AA that axe finds on the current page. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const readable = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((node) => node.target.join(' ')).slice(0, 5) }));
  expect(readable, 'accessibility audit').toEqual([]);
}
