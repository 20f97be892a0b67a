// Page object of `/containers`: finds elements by the names and roles of the contract only.

import { type Locator, type Page, expect } from '@playwright/test';

export class ContainersPage {
  readonly connection: Locator;
  readonly search: Locator;
  /** Banners about connection problems: the engine's, or the page's own. */
  readonly trouble: Locator;

  constructor(readonly page: Page) {
    this.connection = page.getByRole('status', { name: 'Connection', exact: true });
    this.search = page.getByRole('searchbox', { name: 'Search containers' });
    this.trouble = page.getByRole('region', { name: 'Problem' });
  }

  /** Opens the page and waits until it is live, and therefore hydrated. */
  async open(query = ''): Promise<void> {
    await this.page.goto(`/containers${query}`);
    await this.expectConnection('Live');
  }

  async expectConnection(word: 'Live' | 'Connecting' | 'Reconnecting' | 'Static', timeout = 90_000): Promise<void> {
    await expect(this.connection).toContainText(word, { timeout });
  }

  /** One container's card or row. */
  container(id: string): Locator {
    return this.page.locator(`[data-container-id="${id}"]`);
  }

  /** Every card or row. */
  get all(): Locator {
    return this.page.locator('[data-container-id]');
  }

  async expectState(id: string, state: string): Promise<void> {
    await expect(this.container(id)).toHaveAttribute('data-state', state);
  }

  /** The radio button of the view switch. */
  view(name: 'Cards' | 'Table'): Locator {
    return this.page.getByRole('radiogroup', { name: 'View' }).getByRole('radio', { name });
  }

  /** A meter of one container: CPU or memory. */
  meter(id: string, name: RegExp): Locator {
    return this.container(id).getByRole('meter', { name });
  }

  /** Presses an action of a container; in its menu if it has no separate button. */
  async act(id: string, verb: string): Promise<void> {
    const name = new RegExp(`^${verb} `);
    const menu = this.container(id).getByRole('button', { name: /^More actions/ });
    const button = this.container(id).getByRole('button', { name });
    await expect(button.or(menu).first()).toBeVisible();
    if ((await button.count()) > 0) return button.click();
    await menu.click();
    await this.page.getByRole('menu').getByRole('menuitem', { name }).click();
  }

  /** The confirmation dialog. */
  get confirmation(): Locator {
    return this.page.getByRole('dialog');
  }

  /** Container ids in the order of the page. */
  async order(): Promise<string[]> {
    return this.all.evaluateAll((elements) => elements.map((element) => element.getAttribute('data-container-id')!));
  }

  /** The decoded query of the URL. */
  query(): Record<string, string> {
    return Object.fromEntries(new URL(this.page.url()).searchParams);
  }
}
