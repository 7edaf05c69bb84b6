/**
 * `node tools/assemble.mjs` turns WebAssembly's text into modules that sources import; `--check` only says whether they
 * are what the text gives. The text is what is read and changed; the module is committed, so that a build needs no
 * assembler.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import wabt from 'wabt'
import { root } from './setup.mjs'

const texts = ['libs/engine/src/index/scan/scan-kernel.wat']
const columns = 116

const assemble = async (text) => {
  const { parseWat } = await wabt()
  const module = parseWat(text, readFileSync(path.join(root, text)), { simd: true })
  module.validate({ simd: true })
  const { buffer } = module.toBinary({})
  module.destroy()
  return buffer
}

/** The source of a module: the binary as lines of Base64. */
const sourceOf = (text, binary) => {
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(new RegExp(`.{1,${columns - 3}}`, 'g'))
    .map((line, index, all) => `  '${line}'${index < all.length - 1 ? ' +' : ''}`)
  return [
    `/** Made of \`${path.basename(text)}\` by \`tools/assemble.mjs\`: the binary, in Base64. */`,
    'export const SCAN_KERNEL =',
    ...lines,
    '',
  ].join('\n')
}

for (const text of texts) {
  const target = path.join(root, text.replace(/[.]wat$/, '-binary.ts'))
  const source = sourceOf(text, await assemble(text))
  if (!process.argv.includes('--check')) writeFileSync(target, source)
  else if (readFileSync(target, 'utf8') !== source) {
    process.stderr.write(`${text}: its module is another one; run node tools/assemble.mjs\n`)
    process.exitCode = 1
  }
}
