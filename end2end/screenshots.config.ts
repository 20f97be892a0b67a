// Takes the README's pictures: `make screenshots`. Same browser and same programs as the tests.

import config from './playwright.config';

export default { ...config, testDir: '.', testMatch: 'screenshots.ts', workers: 1 };
