/** Settings as an administrator gives them: by the environment, or by a file. */
import { loadEnvironment, parseConfig } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import { SECRETS, serveConfig, VARIABLES } from './config.ts'

const GIVEN = {
  STORE_URL: 's3://bucket',
  TICKET_BACKEND_URL: 'https://tickets.example.org',
  TICKET_BACKEND_TOKEN: 'a ticket token',
  ADMIN_TOKENS: 'a-token-of-an-administrator',
}

/** The configuration of `serve` when `name` stands in a file. */
function byFile(name: string, text: string) {
  const { [name as keyof typeof GIVEN]: _, ...others } = GIVEN
  const env = { ...others, [`${name}_FILE`]: `/run/secrets/${name}` }
  const readText = (path: string) => (path === `/run/secrets/${name}` ? text : undefined)
  return parseConfig(serveConfig, loadEnvironment(env, SECRETS, readText))
}

describe('every secret may come from a file', () => {
  test('those that are secrets are known by their names', () => {
    expect(VARIABLES.filter((name) => /TOKEN|KEY|SECRET/.test(name)).sort()).toEqual(
      [...SECRETS].sort(),
    )
  })

  test.each(SECRETS)('%s', (name) => {
    for (const end of ['', '\n', '\r\n']) {
      const value = byFile(name, `a-secret-of-some-length${end}`)[name]
      expect([value].flat()).toEqual(['a-secret-of-some-length'])
    }
  })
})

test.each([
  ['TICKET_BACKEND_TOKEN', 'token \n', 'TICKET_BACKEND_TOKEN: is empty or holds a character'],
  ['TICKET_BACKEND_TOKEN', 'token\n\n', 'TICKET_BACKEND_TOKEN: is empty or holds a character'],
  ['TICKET_BACKEND_TOKEN', '\n', 'TICKET_BACKEND_TOKEN: is empty or holds a character'],
  ['ADMIN_TOKENS', '\n', 'ADMIN_TOKENS: is empty'],
  ['ADMIN_TOKENS', 'a-token-of-15-c\n', 'ADMIN_TOKENS: each token must have at least 16'],
])('%s of a file that holds %j is refused', (name, text, fault) => {
  expect(() => byFile(name, text)).toThrow(fault)
})

test('two tokens in a file are two, whatever stands around them', () => {
  expect(byFile('ADMIN_TOKENS', 'token-number-one,\n token-number-two\n').ADMIN_TOKENS).toEqual([
    'token-number-one',
    'token-number-two',
  ])
})
