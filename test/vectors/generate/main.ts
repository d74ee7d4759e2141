// `npm run vectors`: writes test/vectors/*.json anew.
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './files.ts';

for (const [name, text] of Object.entries(generatedFiles())) {
  writeFileSync(new URL(`../${name}`, import.meta.url), text);
  console.log(`${name}: ${text.length} bytes`);
}
