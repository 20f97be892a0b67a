// The page for logs as a person or a screen reader knows it.

import { type Locator, type Page, expect } from '@playwright/test';

/** A command that prints `line 1`, `line 2` … for ever, after what else is to be done first. */
export const counting = (pauseSecs: number, first = ':') => [
  'sh',
  '-c',
  `${first}; i=0; while true; do i=$((i+1)); echo "line $i"; sleep ${pauseSecs}; done`,
];

export class LogPage {
  readonly region: Locator;
  readonly search: Locator;
  /** The lines that are drawn: those near the window. */
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

  /** How the stream is doing. */
  status(words: string | RegExp): Locator {
    return this.page.locator('.log-status').getByText(words, { exact: true });
  }

  /** The lines in which these words stand. */
  line(words: string): Locator {
    return this.lines.filter({ hasText: words });
  }

  /** The text of the line that says just that. */
  text(words: string): Locator {
    return this.region.locator('.log-line__text').getByText(words, { exact: true }).or(this.region.locator('.log-line__text', { hasText: new RegExp(`^${words}$`) })).first();
  }

  /** Pixels between what is seen and the end. */
  distanceToEnd(): Promise<number> {
    return this.region.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
  }

  /** The text of the first line in view. */
  firstSeen(): Promise<string> {
    return this.region.evaluate((log) => {
      const top = log.getBoundingClientRect().top;
      const lines = [...log.querySelectorAll('.log-line')];
      return lines.find((line) => line.getBoundingClientRect().top >= top)?.querySelector('.log-line__text')?.textContent ?? '';
    });
  }

  /** The number of the newest line. */
  async newest(): Promise<number> {
    return Number(/line (\d+)$/.exec(await this.lines.last().innerText())?.[1] ?? 0);
  }

  /** The numbers of all lines there are, from the first to the last, by scrolling through them. */
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
