// Waits for a page that has come to rest.

import type { Page } from '@playwright/test';

/** Frames without a change of the scroll position or of the page's height. */
const STILL_FRAMES = 20;

/** Waits until the page has stopped scrolling and growing. */
export async function untilStill(page: Page): Promise<void> {
  await page.evaluate(
    (frames) =>
      new Promise<void>((resolve) => {
        let last = '';
        let still = 0;
        const look = () => {
          const now = `${scrollY} ${document.documentElement.scrollHeight}`;
          still = now === last ? still + 1 : 0;
          last = now;
          if (still >= frames) resolve();
          else requestAnimationFrame(look);
        };
        look();
      }),
    STILL_FRAMES,
  );
}
