// Checks that the memory of a page of a thousand containers does not grow while all of them change
// every two seconds, for ten minutes. Prints rows for docs/PERFORMANCE.md.

import { chromium } from '../support/programs';
import { expect, test } from '../support/test';

test.use({
  scenario: 'thousand',
  viewport: { width: 1280, height: 800 },
  trace: 'off',
  launchOptions: {
    executablePath: chromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  },
});

const MINUTE = 60_000;
const MINUTES = 10;
/**
 * Allowed growth from the first minute to the last: less than one of 150 updates of a thousand rows
 * would leave behind if it leaked.
 */
const MAX_GROWTH_BYTES = 1 << 20;

const mib = (bytes: number) => `${(bytes / (1 << 20)).toFixed(2)} MiB`;
const row = (...cells: (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);

type Memory = { heap: number; wasm: number; elements: number };

test('memory over ten minutes', async ({ containers, page }) => {
  test.setTimeout((MINUTES + 3) * MINUTE);
  await page.addInitScript(holdModuleMemory);
  await containers.open('?view=table');
  const taken: Memory[] = [];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    await page.waitForTimeout(MINUTE);
    await expect(page.getByText(/^stats current/), 'the numbers change').toBeVisible();
    taken.push(await page.evaluate(memoryInUse));
    const { heap, wasm, elements } = taken.at(-1)!;
    row(`after ${minute + 1} min`, mib(heap), mib(wasm), elements);
  }
  const [first, last] = [taken[0]!, taken.at(-1)!];
  row('from the first minute to the tenth, JS heap and WebAssembly', 'steady', `${mib(first.heap)} to ${mib(last.heap)}`, `${mib(first.wasm)} to ${mib(last.wasm)}`);
  expect(first.wasm, 'the module was seen').toBeGreaterThan(0);
  expect(last.heap + last.wasm - first.heap - first.wasm).toBeLessThan(MAX_GROWTH_BYTES);
});

/**
 * Runs in the page before its own script: keeps the memory of the first module, which all chunks
 * share.
 */
function holdModuleMemory(): void {
  const instantiate = WebAssembly.instantiateStreaming.bind(WebAssembly);
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const made = await instantiate(source, imports);
    const { memory } = made.instance.exports;
    if (memory instanceof WebAssembly.Memory) Object.assign(globalThis, { moduleMemory: memory });
    return made;
  };
}

/** Runs in the page: memory in use after a garbage collection. */
function memoryInUse(): Memory {
  const { gc, moduleMemory } = globalThis as unknown as { gc: () => void; moduleMemory?: WebAssembly.Memory };
  gc();
  const { usedJSHeapSize } = (performance as unknown as { memory: { usedJSHeapSize: number } }).memory;
  return { heap: usedJSHeapSize, wasm: moduleMemory?.buffer.byteLength ?? 0, elements: document.getElementsByTagName('*').length };
}
