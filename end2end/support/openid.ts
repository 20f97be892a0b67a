// One OpenID provider for one test; see openid-provider.mjs.

import path from 'node:path';
import { Program, repository } from './programs';

export class OpenIdProvider {
  /** Secret of the client `quaylight`. */
  static readonly SECRET = 'a secret of two: quay & provider';

  private constructor(
    readonly issuer: string,
    private readonly program: Program,
  ) {}

  static async start(redirectUri: string): Promise<OpenIdProvider> {
    const script = path.join(repository, 'end2end/support/openid-provider.mjs');
    const ready = [/http:\/\/127\.0\.0\.1:\d+/];
    const { program, matches } = await Program.start(process.execPath, [script, '0', redirectUri], ready);
    return new OpenIdProvider(matches[0]![0], program);
  }

  async end(): Promise<void> {
    await this.program.stop();
  }
}
