// Writes the generated blocks into SPEC.md: run `node test/docs/write-spec-blocks.ts` after a change of the example.
import { readFileSync, writeFileSync } from 'node:fs';
import { specBlocks } from './spec-blocks.ts';
import { fillBlocks, SPEC_URL } from './spec-text.ts';

writeFileSync(SPEC_URL, fillBlocks(readFileSync(SPEC_URL, 'utf8'), specBlocks()));
