// Page object of the log page.

import { type Locator, type Page, expect } from '@playwright/test';

/** A command that prints `line 1`, `line 2` … forever, after running `first`. */
export const counting = (pauseSecs: number, first = ':') => [
  'sh',
  '-c',
  `${first}; i=0; while true; do i=$((i+1)); echo "line $i"; sleep ${pauseSecs}; done`,
];

export class LogPage {
  readonly region: Locator;
  readonly search: Locator;
  /** The rendered lines: those near the viewport. */
  readonly lines: Locator;

  constructor(readonly page: Page) {
    this.region = page.getByRole('log');
    this.search = page.getByRole('searchbox', { name: 'Search log' });
    this.lines = this.region.locator('.log-line');
  }

  async open(id: string, query = ''): Promise<void> {
    await this.page.goto(`/containers/${id}/logs${query}`);
    await expect(this.status('Live')).toBeVisible({ timeout: 60_000 });
  }

  /** State of the stream. */
  status(words: string | RegExp): Locator {
    return this.page.locator('.log-status').getByText(words, { exact: true });
  }

  /** Lines that contain this text. */
  line(words: string): Locator {
    return this.lines.filter({ hasText: words });
  }

  /** The line with exactly this text. */
  text(words: string): Locator {
    return this.region.locator('.log-line__text').getByText(words, { exact: true }).or(this.region.locator('.log-line__text', { hasText: new RegExp(`^${words}$`) })).first();
  }

  /** Pixels between the viewport and the end. */
  distanceToEnd(): Promise<number> {
    return this.region.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
  }

  /** Text of the first visible line. */
  firstSeen(): Promise<string> {
    return this.region.evaluate((log) => {
      const top = log.getBoundingClientRect().top;
      const lines = [...log.querySelectorAll('.log-line')];
      return lines.find((line) => line.getBoundingClientRect().top >= top)?.querySelector('.log-line__text')?.textContent ?? '';
    });
  }

  /** Number of the newest line. */
  async newest(): Promise<number> {
    return Number(/line (\d+)$/.exec(await this.lines.last().innerText())?.[1] ?? 0);
  }

  /** Numbers of all lines in order, found by scrolling. */
  allNumbers(): Promise<number[]> {
    return this.region.evaluate(async (log) => {
      const seen = new Map<number, number>();
      const twoFrames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      log.scrollTop = 0;
      for (;;) {
        await twoFrames();
        await twoFrames();
        for (const row of log.querySelectorAll<HTMLElement>('.log-row')) {
          const number = /line (\d+)$/.exec(row.querySelector('.log-line__text')?.textContent ?? '')?.[1];
          if (number) seen.set(Number(row.dataset.number), Number(number));
        }
        if (log.scrollTop + log.clientHeight >= log.scrollHeight - 4) break;
        log.scrollTop += log.clientHeight;
      }
      return [...seen.entries()].sort(([a], [b]) => a - b).map(([, number]) => number);
    });
  }
}
