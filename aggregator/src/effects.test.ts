import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemEffects } from './effects.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-effects-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a file is read as it is; one that is not there is nothing, one that can not be read an error', async () => {
  const { readText } = systemEffects()
  await writeFile(join(folder, 'token'), 'é\r\n')
  expect(readText(join(folder, 'token'))).toBe('é\r\n')
  expect(readText(join(folder, 'none'))).toBeUndefined()
  expect(() => readText(folder)).toThrow('EISDIR')
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s asks to end', async (signal) => {
  const before = new Set(process.listeners(signal))
  const ended = systemEffects().untilAskedToEnd()
  const [added] = process.listeners(signal).filter((each) => !before.has(each))
  expect(added).toBeDefined()
  added?.(signal)
  await ended
  for (const each of ['SIGTERM', 'SIGINT'] as const)
    for (const listener of process.listeners(each))
      if (!before.has(listener)) process.removeListener(each, listener)
})

test('no two runs have the same id', () => {
  const { newId } = systemEffects()
  const ids = Array.from({ length: 100 }, newId)
  expect(new Set(ids).size).toBe(100)
})
