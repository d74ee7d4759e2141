// SPEC.md as text: its generated blocks, its tables and its runnable JavaScript.

export const SPEC_URL: URL = new URL('../../SPEC.md', import.meta.url);

const BLOCK = /<!-- generated: (.+?) -->\n[\s\S]*?<!-- end -->/g;

/** The text with every marked block replaced by the one of its name. @throws Error for a name without a block */
export function fillBlocks(spec: string, blocks: ReadonlyMap<string, string>): string {
  return spec.replace(BLOCK, (_, name: string) => {
    const block = blocks.get(name);
    if (block === undefined) throw new Error(`SPEC.md asks for a block that nobody generates: ${name}`);
    return `<!-- generated: ${name} -->\n${block}\n<!-- end -->`;
  });
}

/** The names of the marked blocks, in their order. */
export function blockNames(spec: string): string[] {
  return [...spec.matchAll(BLOCK)].map((match) => match[1] as string);
}

/** The text of a section, from its heading to the next one of the same level. */
export function section(spec: string, number: number): string {
  const start = spec.search(new RegExp(`^## ${number}\\. `, 'm'));
  if (start < 0) throw new Error(`SPEC.md has no section ${number}`);
  const rest = spec.slice(start + 3);
  const length = rest.search(/^## /m);
  return length < 0 ? rest : rest.slice(0, length);
}

/** The rows of the first table after a marker `<!-- table: NAME -->`, as cells without code marks. */
export function tableRows(spec: string, name: string): string[][] {
  const marker = `<!-- table: ${name} -->\n`;
  const start = spec.indexOf(marker);
  if (start < 0) throw new Error(`SPEC.md has no table ${name}`);
  const lines = spec.slice(start + marker.length).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  const rows = lines.slice(0, end).map((line) => line.split('|').slice(1, -1));
  return rows.slice(2).map((cells) => cells.map((cell) => cell.trim().replaceAll('`', '')));
}

/** All blocks of JavaScript in one module, which exports the given names. */
export function runnableModule(spec: string, exported: readonly string[]): string {
  const blocks = [...spec.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);
  return `${blocks.join('\n')}\nexport { ${exported.join(', ')} };\n`;
}
