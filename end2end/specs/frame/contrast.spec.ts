// The colors of every theme, as computed by the browser: contrast of text and shapes by the formula
// of WCAG 2.2.

import { type Page } from '@playwright/test';
import { expect, test } from '../../support/test';

const GROUNDS = ['page', 'surface', 'raised', 'hover'];
const TEXTS = ['text', 'muted', 'accent', 'good', 'busy', 'held', 'danger', 'warning'];
/** Text colors and their backgrounds. */
const WORDS: [string, string][] = [
  ...TEXTS.flatMap((text) => GROUNDS.map((ground): [string, string] => [text, ground])),
  ['on-accent', 'accent'], ['accent', 'accent-soft'], ['text', 'accent-soft'], ['muted', 'accent-soft'],
  ['text', 'warning-soft'], ['muted', 'warning-soft'], ['warning', 'warning-soft'],
];
/** Colors of other visible elements and their backgrounds. */
const SHAPES: [string, string][] = [
  ...['fill', 'fill-strong', 'fill-warning', 'fill-danger'].map((fill): [string, string] => [fill, 'track']),
  ...['line-strong', 'focus', 'fill', 'held'].flatMap((line) => ['page', 'surface'].map((ground): [string, string] => [line, ground])),
];

const THEMES = [
  { name: 'light', chosen: null, colorScheme: 'light', contrast: 'no-preference', least: 4.5 },
  { name: 'dark', chosen: null, colorScheme: 'dark', contrast: 'no-preference', least: 4.5 },
  { name: 'light, chosen', chosen: 'light', colorScheme: 'dark', contrast: 'no-preference', least: 4.5 },
  { name: 'dark, chosen', chosen: 'dark', colorScheme: 'light', contrast: 'no-preference', least: 4.5 },
  { name: 'contrast in the light', chosen: 'contrast', colorScheme: 'light', contrast: 'no-preference', least: 7 },
  { name: 'contrast in the dark', chosen: 'contrast', colorScheme: 'dark', contrast: 'no-preference', least: 7 },
  { name: 'light, more', chosen: null, colorScheme: 'light', contrast: 'more', least: 7 },
  { name: 'dark, more', chosen: null, colorScheme: 'dark', contrast: 'more', least: 7 },
  { name: 'light, chosen, more', chosen: 'light', colorScheme: 'dark', contrast: 'more', least: 7 },
  { name: 'dark, chosen, more', chosen: 'dark', colorScheme: 'light', contrast: 'more', least: 7 },
] as const;

/** The current colors of these roles, as red, green and blue from 0 to 255. */
async function colors(page: Page, roles: string[]): Promise<Map<string, number[]>> {
  const found = await page.evaluate((names) => {
    const probe = document.body.appendChild(document.createElement('i'));
    const read = (name: string) => {
      probe.style.color = `var(--color-${name})`;
      return [name, getComputedStyle(probe).color] as const;
    };
    const all = names.map(read);
    probe.remove();
    return all;
  }, roles);
  return new Map(found.map(([name, text]) => [name, text.match(/[\d.]+/g)!.slice(0, 3).map(Number)]));
}

function luminance(color: number[]): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: number[], other: number[]): number {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

test('the contrast formula gives the values of WCAG', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 5);
  expect(contrast([119, 119, 119], [255, 255, 255])).toBeCloseTo(4.48, 2);
});

test('text and shapes have enough contrast in every theme', async ({ containers, page }) => {
  await containers.open();
  const roles = [...new Set([...WORDS, ...SHAPES].flat()), 'danger-ground'];
  const faint: string[] = [];
  const seen = new Set<string>();
  for (const { name, chosen, colorScheme, contrast: preference, least } of THEMES) {
    await page.emulateMedia({ colorScheme, contrast: preference });
    await page.evaluate((theme) => {
      if (theme) document.documentElement.setAttribute('data-theme', theme);
      else document.documentElement.removeAttribute('data-theme');
    }, chosen);
    const has = await colors(page, roles);
    seen.add(JSON.stringify([...has]));
    const check = (pairs: [string, string][], floor: number) => {
      for (const [role, ground] of pairs) {
        const ratio = contrast(has.get(role)!, has.get(ground)!);
        if (ratio < floor) faint.push(`${name}: ${role} on ${ground} ${ratio.toFixed(2)} < ${floor}`);
      }
    };
    check(WORDS, least);
    check(SHAPES, 3);
    const button = contrast([255, 255, 255], has.get('danger-ground')!);
    if (button < least) faint.push(`${name}: white on danger-ground ${button.toFixed(2)} < ${least}`);
  }
  expect(faint).toEqual([]);
  expect(seen.size, 'light, dark, and each with more contrast').toBe(4);
});
