// Takes the screenshots of the README: `make screenshots`. Uses the browser and the programs of the
// tests.

import config from './playwright.config';

export default { ...config, testDir: '.', testMatch: 'screenshots.ts', workers: 1 };
