// Reporter that fails the run if a test passed only after a retry, unless the test is listed here
// with a reason.

import type { FullResult, Reporter, Suite, TestCase } from '@playwright/test/reporter';

/** Titles of tests that may need their retry, each with the reason. */
const MAY_RETRY: Record<string, string> = {
  'each of 100 changes to 50 containers is painted in time': 'measures milliseconds, and another program may take both cores',
  '100,000 lines are scrolled and followed without long tasks': 'measures milliseconds, and another program may take both cores',
};

export default class Retries implements Reporter {
  private root?: Suite;

  onBegin(_config: unknown, root: Suite): void {
    this.root = root;
  }

  async onEnd(result: FullResult): Promise<{ status?: FullResult['status'] }> {
    const retried = this.root?.allTests().filter((test) => test.outcome() === 'flaky') ?? [];
    for (const test of retried) console.log(`retried: ${where(test)}${reason(test)}`);
    console.log(`${retried.length} tests needed a retry`);
    return retried.every((test) => test.title in MAY_RETRY) ? {} : { status: result.status === 'passed' ? 'failed' : result.status };
  }
}

function where(test: TestCase): string {
  return test.titlePath().filter(Boolean).join(' › ');
}

function reason(test: TestCase): string {
  return test.title in MAY_RETRY ? ` (allowed: ${MAY_RETRY[test.title]})` : ' (not allowed: fix the test, or list it with a reason)';
}
