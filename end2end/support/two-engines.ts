// The `test` of specs with two simulated engines: `engine`, which the server calls "a", and
// `second`, which it calls "b". They are clones: both give the same ids in the same order.

import { type Locator, type Page } from '@playwright/test';
import { Quaylight } from './server';
import { Simulator } from './simulator';
import { test as base } from './test';

export { expect, expectAccessible } from './test';

export const test = base.extend<{ second: Simulator }>({
  second: async ({ scenario }, use, info) => {
    const second = await Simulator.start(scenario);
    await use(second);
    if (info.status !== info.expectedStatus) await info.attach('second simulator output', { body: second.output });
    await second.end();
  },

  server: async ({ engine, second, serverArgs }, use, info) => {
    const server = await Quaylight.start(`a=${engine.url}`, ['--engine', `b=${second.url}`, ...serverArgs]);
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach('server output', { body: server.output });
    await server.end();
  },
});

/** The card or row of a container. */
export const rowOf = (page: Page, engine: 'a' | 'b', id: string): Locator => rowsOf(page, engine).and(page.locator(`[data-container-id="${id}"]`));

/** The cards or rows of an engine. */
export const rowsOf = (page: Page, engine: 'a' | 'b'): Locator => page.locator(`[data-container-id][data-engine="${engine}"]`);
