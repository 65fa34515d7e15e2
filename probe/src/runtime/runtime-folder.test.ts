import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runtimeFile } from './runtime-folder.ts'

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
