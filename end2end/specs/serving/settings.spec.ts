// docs/SETTINGS.md and the program's --help list the same settings.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { quaylightBinary, repository } from '../../support/programs';

test('docs/SETTINGS.md lists every flag with its variable and default', () => {
  const help = execFileSync(quaylightBinary(), ['--help'], { encoding: 'utf8' });
  const blocks = help.split(/\n(?= {2,6}(?:-\w, )?--)/).slice(1);
  const inHelp = blocks
    .map((block) => ({
      flag: /--[a-z-]+/.exec(block)![0],
      variable: /\[env: (\w+)=/.exec(block)?.[1],
      standard: /\[default: (.+)\]/.exec(block)?.[1],
    }))
    .filter(({ variable }) => variable);
  const rows = readFileSync(path.join(repository, 'docs/SETTINGS.md'), 'utf8').matchAll(/^\| `(--[a-z-]+)` \| `(\w+)` \|(.*?)\|/gm);
  const documented = [...rows].map(([, flag, variable, standard]) => ({ flag, variable, standard: /`(.+)`/.exec(standard!)?.[1] }));
  const byFlag = (a: { flag?: string }, b: { flag?: string }) => a.flag!.localeCompare(b.flag!);
  expect(documented.sort(byFlag)).toEqual(inHelp.sort(byFlag));
});
