// The parts that need no network: accounts, the ring of the record, certificates.
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../client-sim/certificates.ts';
import { parseAccounts } from '../../client-sim/providers/accounts.ts';
import { ProviderRecord } from '../../client-sim/providers/record.ts';

const pem = (type: 'spki' | 'pkcs8', curve = 'prime256v1'): string => {
  const pair = generateKeyPairSync('ec', { namedCurve: curve });
  return String(
    type === 'spki'
      ? pair.publicKey.export({ type, format: 'pem' })
      : pair.privateKey.export({ type, format: 'pem' }),
  );
};

const apnsWith = (public_key_pem: string, more: object = {}): object => ({
  apns: [{ team_id: 't', key_id: 'k', public_key_pem, environments: ['sandbox'], topics: ['a'], ...more }],
  fcm: [],
});

test('an account has a public key of its kind, and no private one', () => {
  expect(parseAccounts(apnsWith(pem('spki'))).apns).toHaveLength(1);
  expect(() => parseAccounts(apnsWith(pem('pkcs8')))).toThrow();
  expect(() => parseAccounts(apnsWith(pem('spki', 'secp384r1')))).toThrow('P-256');
  expect(() => parseAccounts(apnsWith(pem('spki'), { environments: ['staging'] }))).toThrow();
  expect(() => parseAccounts(apnsWith(pem('spki'), { more: 1 }))).toThrow();
  const fcm = { project_id: 'p', client_email: 'e', public_key_pem: pem('spki'), app_ids: ['a'] };
  expect(() => parseAccounts({ apns: [], fcm: [fcm] })).toThrow('rsa');
});

test('the record keeps the newest 20,000 and counts on', () => {
  const record = new ProviderRecord();
  const seen = { at: 0, provider: 'apns' as const, method: 'POST', path: '/', headers: {}, body: '' };
  for (let i = 0; i < 20_005; i += 1) record.add(seen, { status: 200, outcome: 'delivered' });
  const entries = record.read(0);
  expect(entries).toHaveLength(20_000);
  expect(entries[0]?.n).toBe(6);
  expect(entries.at(-1)?.n).toBe(20_005);
  expect(record.read(20_003).map(({ n }) => n)).toEqual([20_004, 20_005]);
  expect(record.counts().accepted).toBe(20_005);
});

test('a certificate names its hosts, comes from its authority, and is no authority itself', async () => {
  const authority = await createAuthority();
  const issued = await issueCertificate(authority, { hosts: ['127.0.0.1', '::1', 'localhost'] });
  const leaf = new X509Certificate(issued.certPem);
  const root = new X509Certificate(authority.certPem);
  expect(leaf.verify(root.publicKey)).toBe(true);
  expect([root.ca, leaf.ca]).toEqual([true, false]);
  expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(leaf.checkIP('::1')).toBeDefined();
  expect(leaf.checkHost('localhost')).toBe('localhost');
  expect(leaf.checkHost('example.org')).toBeUndefined();
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
});
