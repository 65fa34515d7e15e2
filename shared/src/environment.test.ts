import { expect, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import { ConfigError, loadEnvironment, parseConfig } from './environment.ts'

const files = (texts: Record<string, string>) => (path: string) => texts[path]

test('the environment overrides .env, and an empty value counts as unset', () => {
  const readText = files({ '.env': 'A=file\nexport B="from file"\nC=\n' })
  expect(loadEnvironment({ A: 'env', B: '', D: undefined }, [], readText)).toEqual({
    A: 'env',
    B: 'from file',
  })
})

test.each([' s3cret', 's3cret ', 's3cret\n'])(
  'a value of the environment is kept as it is: %j',
  (secret) => {
    expect(loadEnvironment({ KEY: secret }, ['KEY'], files({})).KEY).toBe(secret)
  },
)

test.each([
  ['s3cret', 's3cret'],
  ['s3cret\n', 's3cret'],
  ['s3cret\r\n', 's3cret'],
  // One line end is the editor's; whatever else is there was meant, and is for the schema to judge.
  ['s3cret\n\n', 's3cret\n'],
  ['s3cret\r', 's3cret\r'],
  ['s3cret \n', 's3cret '],
  [' s3cret', ' s3cret'],
  ['s3\ncret\n', 's3\ncret'],
  ['\n', ''],
])('a secret in a file is its text without the last line end: %j', (text, secret) => {
  const readText = files({ '/run/key': text })
  expect(loadEnvironment({ KEY_FILE: '/run/key' }, ['KEY'], readText).KEY).toBe(secret)
})

test('a file that .env names is read; an empty name, or that of no secret, names none', () => {
  const readText = files({ '.env': 'KEY_FILE=/run/key', '/run/key': 's3cret' })
  expect(loadEnvironment({}, ['KEY'], readText).KEY).toBe('s3cret')
  expect(loadEnvironment({ KEY_FILE: '' }, ['KEY'], files({})).KEY).toBeUndefined()
  expect(loadEnvironment({ PORT_FILE: '/run/key' }, ['KEY'], readText).PORT).toBeUndefined()
})

test.each([
  [{ KEY_FILE: '/nowhere' }, 'KEY_FILE: there is no file /nowhere'],
  [{ KEY_FILE: '/run/key', KEY: 'x' }, 'KEY and KEY_FILE are both set: keep one'],
])('a secret that can not be had is a fault: %j', (env, fault) => {
  expect(() => loadEnvironment(env, ['KEY'], files({ '/run/key': 's3cret' }))).toThrow(fault)
})

test('a file that can not be read is a fault with its cause', () => {
  const readText = (path: string) => {
    if (path === '.env') return undefined
    throw new Error('permission denied')
  }
  expect(() => loadEnvironment({ KEY_FILE: '/run/key' }, ['KEY'], readText)).toThrow(
    "KEY_FILE: can't read /run/key: permission denied",
  )
})

test('a .env that can not be read is a fault of the configuration', () => {
  const readText = () => {
    throw new Error("EACCES: permission denied, open '.env'")
  }
  const load = () => loadEnvironment({ KEY: 'x' }, [], readText)
  expect(load).toThrow(ConfigError)
  expect(load).toThrow(
    "The configuration has a fault:\n  - .env: can't read it: EACCES: permission denied, open '.env'",
  )
})

test('all faults are reported together, by name, without values', () => {
  const schema = z.object({ PORT: z.coerce.number('is not a number'), KEY: z.string('is missing') })
  let thrown: unknown
  try {
    parseConfig(schema, { PORT: 'hunter2' })
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ConfigError)
  expect((thrown as ConfigError).faults).toEqual(['PORT: is not a number', 'KEY: is missing'])
  expect((thrown as ConfigError).message).toBe(
    'The configuration has 2 faults:\n  - PORT: is not a number\n  - KEY: is missing',
  )
})

test('a schema of zod/mini does as well', () => {
  const schema = mini.object({ PORT: mini.string().check(mini.regex(/^\d+$/, 'must be a number')) })
  expect(parseConfig(schema, { PORT: '80' })).toEqual({ PORT: '80' })
  expect(() => parseConfig(schema, { PORT: 'hunter2' })).toThrow('PORT: must be a number')
})
