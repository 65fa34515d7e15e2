import * as nodeFs from 'node:fs'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RuntimeFs, runtimeFile } from './runtime-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runtime-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const isNumber = (value: unknown): value is number => typeof value === 'number'

test('what one process remembers another recalls', () => {
  runtimeFile(folder, 'n.json', isNumber).remember(7)
  expect(runtimeFile(folder, 'n.json', isNumber).recall()).toBe(7)
  expect(readdirSync(folder)).toEqual(['n.json'])
})

test.each(['"text"', '{', ''])('%j is nothing to recall', (text) => {
  writeFileSync(join(folder, 'n.json'), text)
  expect(runtimeFile(folder, 'n.json', isNumber).recall()).toBeUndefined()
})

test('without a folder a process remembers by itself', () => {
  const file = runtimeFile(join(folder, 'none'), 'n.json', isNumber)
  expect(file.recall()).toBeUndefined()
  file.remember(7)
  expect(file.recall()).toBe(7)
})

test('what another version has written meanwhile is not taken for its own memory', () => {
  const file = runtimeFile(folder, 'n.json', isNumber)
  file.remember(7)
  writeFileSync(join(folder, 'n.json'), '"text"')
  expect(file.recall()).toBe(7)
})

test.each([
  ['everybody, unless told otherwise', undefined, 0o644],
  ['nobody else, when told so', 0o600, 0o600],
])('it can be read by %s', (_, mode, expected) => {
  runtimeFile(folder, 'n.json', isNumber, mode).remember(7)
  expect(statSync(join(folder, 'n.json')).mode & 0o777).toBe(expected)
})

const NO_ROOM: Record<string, Partial<RuntimeFs>> = {
  'in the middle of it': {
    writeFileSync: (path, text) => {
      writeFileSync(path, String(text).slice(0, 1))
      throw new Error('ENOSPC')
    },
  },
  'for its name': {
    renameSync: () => {
      throw new Error('ENOSPC')
    },
  },
}

test.each(Object.entries(NO_ROOM))(
  'what has no room %s leaves nothing, and what was there before',
  (_, failing) => {
    runtimeFile(folder, 'n.json', isNumber).remember(123)
    runtimeFile(folder, 'n.json', isNumber, 0o644, { ...nodeFs, ...failing }).remember(456)
    expect(runtimeFile(folder, 'n.json', isNumber).recall()).toBe(123)
    expect(readdirSync(folder)).toEqual(['n.json'])
  },
)
