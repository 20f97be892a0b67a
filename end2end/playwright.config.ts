// Configuration of the tests: the system's Chromium, and an engine and a server for each test
// (support/test.ts).

import { defineConfig } from '@playwright/test';
import { chromium } from './support/programs';

export default defineConfig({
  testDir: 'specs',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // The retry records a trace. A test that needs it fails the run, unless support/retries.ts lists
  // it.
  retries: 1,
  workers: 2,
  timeout: 60_000,
  // A machine with two busy cores may take seconds to paint; passing tests are not slowed down by
  // this.
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./support/retries.ts']],
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath: chromium(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
    viewport: { width: 1280, height: 800 },
    // Only on a retry: a trace copies the document at every step, and with a thousand rows a step
    // took ten seconds.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
  },
});
