/**
 * Bundles a program into ONE file that starts fast: `tsx bundle.ts ENTRY OUTFILE`. What is imported with
 * `await import()` becomes a chunk that lies in the file as a string, and is compiled when it is first asked
 * for: V8 would otherwise parse two megabytes of S3 client before it prints a `--help`.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { build, transform } from 'esbuild'

const TARGET = {
  platform: 'node',
  target: 'node20.19',
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
} as const

void main(process.argv.slice(2))

async function main([entry = '', outFile = '']: readonly string[]): Promise<void> {
  const { outputFiles } = await build({
    ...TARGET,
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    splitting: true,
    outdir: '/',
    define: { BUILD_VERSION: JSON.stringify(process.env.BUILD_VERSION ?? '') },
    write: false,
    legalComments: 'inline',
  })
  const chunks = await Promise.all(
    outputFiles.map(
      async ({ path, text }) => [`./${basename(path)}`, await toCommonJs(text)] as const,
    ),
  )
  const main = `./${basename(entry).replace(/\.ts$/, '.js')}`
  await mkdir(dirname(outFile), { recursive: true })
  await writeFile(outFile, fileOf(chunks, main))
  await chmod(outFile, 0o755)
}

/** Plain `require`, also for chunks: node compiles a file without package.json as CommonJS at once. */
async function toCommonJs(chunk: string): Promise<string> {
  const { code } = await transform(chunk, {
    ...TARGET,
    format: 'cjs',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'undefined' },
  })
  return code
}

function fileOf(chunks: readonly (readonly [string, string])[], main: string): string {
  const table = chunks.map(([name, code]) => `${JSON.stringify(name)}:${JSON.stringify(code)}`)
  return `#!/usr/bin/env node
'use strict'
const { compileFunction } = require('node:vm')
const { join } = require('node:path')
const loaded = new Map()
const chunks = {
${table.join(',\n')}
}
function load(name) {
  if (!(name in chunks)) return require(name)
  let module = loaded.get(name)
  if (!module) {
    loaded.set(name, (module = { exports: {} }))
    const filename = join(__filename, name)
    const names = ['exports', 'require', 'module', '__filename', '__dirname']
    compileFunction(chunks[name], names, { filename })(module.exports, load, module, __filename, __dirname)
  }
  return module.exports
}
load(${JSON.stringify(main)})
`
}
