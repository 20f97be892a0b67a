// What the page's main thread does, by the browser's own trace: processor time, not time on the clock, so that a busy machine does
// not change the figures.

import { type Page } from '@playwright/test';

type TraceEvent = { name: string; ph: string; pid: number; tid: number; tdur?: number; args?: { name?: string } };

export type MainThread = {
  /** Processor time of the longest task, in milliseconds. */
  longestMillis: number;
  /** Processor time of all tasks, in milliseconds per second. */
  millisPerSecond: number;
};

/** Watches the page's main thread for so many milliseconds. */
export async function traceMainThread(page: Page, millis: number): Promise<MainThread> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline'] },
  });
  await page.waitForTimeout(millis);
  await session.send('Tracing.end');
  await complete;
  const threads = events.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain');
  const names = new Set(threads.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events
    .filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && names.has(`${pid} ${tid}`))
    .map(({ tdur }) => (tdur ?? 0) / 1_000);
  const total = tasks.reduce((sum, task) => sum + task, 0);
  return { longestMillis: Math.max(0, ...tasks), millisPerSecond: (total * 1_000) / millis };
}
