// Measures the page's main thread from the browser's trace: CPU time, not wall-clock time, so that
// a busy machine does not change the result.

import { type Page } from '@playwright/test';

type TraceEvent = { name: string; ph: string; pid: number; tid: number; ts: number; dur?: number; tdur?: number; args?: { name?: string } };

export type MainThread = {
  /** CPU time of the longest task, in milliseconds. */
  longestMillis: number;
  /** Number of long tasks as in the Long Tasks API: over 50 ms, here of CPU time. */
  longTasks: number;
  /** CPU time of all tasks, in milliseconds per second. */
  millisPerSecond: number;
  /**
   * CPU time in scripts, including WebAssembly but not layout and painting, in milliseconds per
   * second.
   */
  scriptMillisPerSecond: number;
};

const LONG_MILLIS = 50;
/** Trace events of script execution. */
const SCRIPTS = ['EvaluateScript', 'EventDispatch', 'FireAnimationFrame', 'FireIdleCallback', 'FunctionCall', 'RunMicrotasks', 'TimerFire', 'v8.callFunction', 'v8.run'];

/** Traces the page's main thread for this many milliseconds. */
export async function traceMainThread(page: Page, millis: number): Promise<MainThread> {
  const events = await trace(page, millis);
  const named = events.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain');
  const threads = new Set(named.map(({ pid, tid }) => `${pid} ${tid}`));
  const onMain = events.filter(({ ph, pid, tid }) => ph === 'X' && threads.has(`${pid} ${tid}`));
  const tasks = onMain.filter(({ name }) => name === 'RunTask').map(processorMillis);
  const scripts = outermost(onMain.filter(({ name }) => SCRIPTS.includes(name))).map(processorMillis);
  const perSecond = (all: number[]) => (all.reduce((sum, each) => sum + each, 0) * 1_000) / millis;
  return {
    longestMillis: Math.max(0, ...tasks),
    longTasks: tasks.filter((task) => task > LONG_MILLIS).length,
    millisPerSecond: perSecond(tasks),
    scriptMillisPerSecond: perSecond(scripts),
  };
}

async function trace(page: Page, millis: number): Promise<TraceEvent[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) events.push(event);
  });
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline', 'v8'] },
  });
  await page.waitForTimeout(millis);
  await session.send('Tracing.end');
  await complete;
  return events;
}

function processorMillis({ tdur }: TraceEvent): number {
  return (tdur ?? 0) / 1_000;
}

/** The outermost of nested events, so that nothing counts twice. */
function outermost(events: TraceEvent[]): TraceEvent[] {
  const ends = new Map<string, number>();
  return [...events]
    .sort((one, other) => one.ts - other.ts || (other.dur ?? 0) - (one.dur ?? 0))
    .filter(({ pid, tid, ts, dur }) => {
      const thread = `${pid} ${tid}`;
      if (ts < (ends.get(thread) ?? 0)) return false;
      ends.set(thread, ts + (dur ?? 0));
      return true;
    });
}
