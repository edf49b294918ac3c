// What Atlassian is to a Forge app's remote: it signs a token for each call, by a key that is the tests' own here.
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The example app. */
export const appFolder = fileURLToPath(new URL('../../../examples/forge/', import.meta.url));

/** Its id, as its manifest says it. */
export const appId = /^ {2}id: (\S+)$/m.exec(readFileSync(`${appFolder}manifest.yml`, 'utf8'))[1];

const installationId = 'ari:cloud:ecosystem::installation/5f0e9f0b-8c0e-4a52-9d3d-7b6a1f2c3d4e';
const keyId = 'forge/invocation-token/tests';
const siteId = '3c1f6a52-6f0d-4b39-8a0e-2d7c5b9e1f00';

/**
 * Makes the key and publishes it, and writes the configuration of a server that takes the app's calls, into a folder.
 * Gives the paths of the configuration and of the private key, and what ends the publishing.
 */
export async function trustForge(folder) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [config, keyFile] = ['dingmirror.toml', 'forge.key'].map((name) => join(folder, name));
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });

  const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }] });
  const publisher = createServer((_, response) => response.setHeader('Content-Type', 'application/json').end(keys));
  await new Promise((resolve) => publisher.listen(0, '127.0.0.1', resolve));
  writeFileSync(
    config,
    `[[issuers]]
kind = "forge"
audience = [${JSON.stringify(appId)}]
jwks_url = "http://127.0.0.1:${publisher.address().port}/.well-known/jwks.json"
cloud_ids = [${JSON.stringify(siteId)}]
permissions = ["identity:read", "message:send"]
`,
  );
  return { config, keyFile, close: () => publisher.close() };
}

/** The token of one call that the app's resolver makes; `changes` replaces claims. */
export function invocationToken(keyFile, changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  const apiBaseUrl = `https://api.atlassian.com/ex/confluence/${siteId}`;
  const claims = {
    app: {
      id: appId,
      version: '1',
      installationId,
      apiBaseUrl,
      environment: { type: 'DEVELOPMENT', id: 'ari:cloud:ecosystem::environment/1d6f3c0a/9b1e' },
      module: { type: 'core:function', key: 'resolver' },
    },
    aud: appId,
    iss: 'forge/invocation-token',
    iat: now,
    nbf: now,
    exp: now + 25,
    jti: randomBytes(20).toString('hex'),
    ...changes,
  };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: keyId })}.${part(claims)}`;
  const key = createPrivateKey(readFileSync(keyFile));
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
