// A real OpenID provider for tests, in memory: node openid-provider.mjs PORT REDIRECT_URI
//
// Prints its issuer once it listens. Signs in the user whose name is typed; "refuse" cancels the
// sign-in. The tokens of mallory-… are altered after signing, each in a different way. Keys are
// generated at every start.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { createServer } from 'node:http';
import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader, exportJWK } from 'jose';
import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const CLIENT = { client_id: 'quaylight', client_secret: 'a secret of two: quay & provider', redirect_uris: [redirectUri] };

/** Groups as a list, as comma-separated text, or left out. */
const GROUPS = { ada: ['staff', 'ops'], bob: 'guests, staff', root: ['admins'], eve: [], nemo: undefined };

const key = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const [ownKey, foreignKey] = [key(), key()];
const KEY_ID = randomBytes(8).toString('hex');

const now = () => Math.floor(Date.now() / 1000);
const sign = (claims, header, by = ownKey) => new SignJWT(claims).setProtectedHeader(header).sign(by);
/** Invalid tokens, by user. */
const INVALID_TOKENS = {
  'mallory-expired': (claims, header) => sign({ ...claims, iat: now() - 7200, exp: now() - 3600 }, header),
  'mallory-audience': (claims, header) => sign({ ...claims, aud: 'another-client' }, header),
  'mallory-issuer': (claims, header) => sign({ ...claims, iss: 'https://elsewhere.example' }, header),
  'mallory-nonce': (claims, header) => sign({ ...claims, nonce: 'of-another-sign-in' }, header),
  'mallory-key': (claims, header) => sign(claims, header, foreignKey),
  'mallory-unsigned': (claims) => new UnsecuredJWT(claims).encode(),
  'mallory-hash': (claims, header) => sign({ ...claims, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, header),
};

const alterToken = async (context, next) => {
  await next();
  const token = context.oidc?.route === 'token' && context.body?.id_token;
  if (!token) return;
  const claims = decodeJwt(token);
  const alter = INVALID_TOKENS[claims.sub];
  if (alter) context.body.id_token = await alter(claims, decodeProtectedHeader(token));
};

const account = (id) => ({
  accountId: id,
  claims: async () => ({ sub: id, preferred_username: id, email: `${id}@example.org`, groups: id in GROUPS ? GROUPS[id] : ['ops'] }),
});

/** Grants every scope that the client requests, without asking the user. */
const grant = async (context) => {
  const { client, session, params } = context.oidc;
  const granted = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  granted.addOIDCScope(params.scope);
  await granted.save();
  return granted;
};

const start = async (issuer) => {
  const provider = new Provider(issuer, {
    clients: [CLIENT],
    jwks: { keys: [{ ...(await exportJWK(ownKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }] },
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => account(id),
    loadExistingGrant: grant,
    pkce: { required: () => true },
  });
  provider.use(alterToken);
  return provider;
};

const page = `<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>Provider</title><h1>Provider</h1><form method="post">
<label for="name">Who are you?</label> <input id="name" name="name" required> <button>Continue</button></form></html>`;

const interact = async (provider, request, response) => {
  if (request.method === 'GET') return response.setHeader('content-type', 'text/html').end(page);
  const chunks = await request.toArray();
  const name = new URLSearchParams(Buffer.concat(chunks).toString()).get('name');
  const refused = { error: 'access_denied', error_description: 'They <b>changed</b> their mind.' };
  await provider.interactionFinished(request, response, name === 'refuse' ? refused : { login: { accountId: name } });
};

let provider, handle;
const server = createServer((request, response) => {
  const handled = request.url.startsWith('/interaction/') ? interact(provider, request, response) : handle(request, response);
  Promise.resolve(handled).catch((error) => response.writeHead(500).end(String(error)));
});
server.listen(Number(port), '127.0.0.1', async () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = await start(issuer);
  handle = provider.callback();
  console.log(issuer);
});
// Exits with the process that started it, when that end of the pipe is closed.
if (fstatSync(0).isFIFO()) process.stdin.resume().on('end', () => process.exit());
