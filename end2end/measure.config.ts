// Measurements of the page, which take minutes and need the machine for themselves: `make bench
// ARGS=page`.

import tests from './playwright.config';

export default { ...tests, testDir: 'measure', testMatch: '*.measure.ts', workers: 1, timeout: 20 * 60_000 };
