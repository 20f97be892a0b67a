// The page's measurements, which take minutes and want the machine for themselves: `make bench ARGS=page`.

import tests from './playwright.config';

export default { ...tests, testDir: 'measure', testMatch: '*.measure.ts', workers: 1, timeout: 20 * 60_000 };
