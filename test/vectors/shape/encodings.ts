// base64url.json, cbor.json, origin.json and ratchet.json: the smallest parts, each alone.
import { z } from 'zod';
import { type CaseHead, caseHead, type FileHead, fileHead, hexSchema } from './case.ts';

export type Base64urlCase =
  | (CaseHead & { readonly result: 'valid'; readonly text: string; readonly bytes: string })
  | (CaseHead & { readonly result: 'refused'; readonly text: string });

export interface Base64urlFile extends FileHead {
  readonly kind: 'base64url';
  readonly cases: readonly Base64urlCase[];
}

export const base64urlFile: z.ZodType<Base64urlFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('base64url'),
  cases: z.array(
    z.union([
      z.strictObject({ ...caseHead, result: z.literal('valid'), text: z.string(), bytes: hexSchema() }),
      z.strictObject({ ...caseHead, result: z.literal('refused'), text: z.string() }),
    ]),
  ),
});

/** A CBOR value in JSON: bytes are {bytes: hexadecimal}, a map is {map: [[key, value], …]}. */
export type CborForm =
  | number
  | string
  | boolean
  | null
  | readonly CborForm[]
  | { readonly bytes: string }
  | { readonly map: readonly (readonly [number, CborForm])[] };

const cborForm: z.ZodType<CborForm> = z.lazy(() =>
  z.union([
    z.int(),
    z.string(),
    z.boolean(),
    z.null(),
    z.array(cborForm),
    z.strictObject({ bytes: hexSchema() }),
    z.strictObject({ map: z.array(z.tuple([z.int().min(0), cborForm])) }),
  ]),
);

export type CborCase =
  | (CaseHead & { readonly result: 'valid'; readonly bytes: string; readonly value: CborForm })
  | (CaseHead & { readonly result: 'refused'; readonly bytes: string });

export interface CborFile extends FileHead {
  readonly kind: 'cbor';
  readonly cases: readonly CborCase[];
}

export const cborFile: z.ZodType<CborFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('cbor'),
  cases: z.array(
    z.union([
      z.strictObject({ ...caseHead, result: z.literal('valid'), bytes: hexSchema(), value: cborForm }),
      z.strictObject({ ...caseHead, result: z.literal('refused'), bytes: hexSchema() }),
    ]),
  ),
});

export interface OriginCase extends CaseHead {
  readonly result: 'valid' | 'refused';
  readonly of: 'origin' | 'app_id';
  readonly text: string;
}

export interface OriginFile extends FileHead {
  readonly kind: 'origin';
  readonly cases: readonly OriginCase[];
}

export const originFile: z.ZodType<OriginFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('origin'),
  cases: z.array(
    z.strictObject({
      ...caseHead,
      result: z.enum(['valid', 'refused']),
      of: z.enum(['origin', 'app_id']),
      text: z.string(),
    }),
  ),
});

export interface RatchetCase extends CaseHead {
  readonly result: 'valid';
  readonly chain_epoch: number;
  readonly chain: string;
  readonly epoch: number;
  readonly expected_chain: string;
  readonly expected_psk: string;
}

export interface RatchetFile extends FileHead {
  readonly kind: 'ratchet';
  readonly cases: readonly RatchetCase[];
}

const epoch = z.int().min(0).max(0xffff);

export const ratchetFile: z.ZodType<RatchetFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('ratchet'),
  cases: z.array(
    z.strictObject({
      ...caseHead,
      result: z.literal('valid'),
      chain_epoch: epoch,
      chain: hexSchema(32),
      epoch,
      expected_chain: hexSchema(32),
      expected_psk: hexSchema(32),
    }),
  ),
});
