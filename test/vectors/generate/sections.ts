// Which section of SPEC.md decides a case, by its title. The one place to change when SPEC.md is arranged anew.

export const SECTIONS = {
  encodings: 'Terms and notation',
  ratchet: 'The daily ratchet',
  replacement: 'Replacement',
  appStart: 'App start',
  origins: 'Origins and app ids',
  keyList: 'The list of bouncer keys',
  token: 'The sealed token',
  challenge: 'Challenge and confirmation',
  revocation: 'Revocation',
  layout: 'Layout',
  binding: 'What it is bound to',
  hpke: 'HPKE',
  open: 'Open',
  padding: 'Padding',
  cbor: 'CBOR profile',
  payload: 'Payload',
  window: 'Replay window',
  staleness: 'Expired, from the future, removed',
  suites: 'Suite registry and policy',
  zulipKey: 'Key',
  zulipOpen: 'Opening',
  zulipToken: 'Push token',
} as const;

/** A section that cases name. */
export type Section = keyof typeof SECTIONS;
