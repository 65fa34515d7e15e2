/** Settings as an administrator gives them: by the environment, or by a file. */
import { ConfigError, loadEnvironment, parseConfig } from '@presences/shared'
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
    expect(VARIABLES.filter((name) => /TOKEN|KEY|SECRET|WEBHOOK/.test(name)).sort()).toEqual(
      [...SECRETS].sort(),
    )
  })

  test.each(SECRETS)('%s', (name) => {
    for (const end of ['', '\n', '\r\n']) {
      const secret = 'https://example.org/a-secret'
      expect([byFile(name, secret + end)[name]].flat()).toEqual([secret])
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

describe('a secret in an address is refused by the name of its variable, and not repeated', () => {
  test.each([
    ['STORE_URL', 's3://key:PASS@bucket'],
    ['STORE_URL', 's3://bucket?token=PASS'],
    ['STORE_URL', 'https://u:PASS@s3.example.org/bucket'],
    ['STORE_URL', 'file://u:PASS@host/folder'],
    ['S3_ENDPOINT', 'https://u:PASS@s3.example.org'],
    ['S3_ENDPOINT', 'https://PASS@s3.example.org'],
    ['S3_ENDPOINT', 'https://:PASS@s3.example.org'],
    ['S3_ENDPOINT', 'https://s3.example.org/?token=PASS'],
    ['S3_ENDPOINT', 'https://s3.example.org/#PASS'],
    ['TICKET_BACKEND_URL', 'https://u:PASS@tickets.example.org'],
    ['TICKET_BACKEND_URL', 'https://tickets.example.org/?token=PASS'],
    ['ALERT_WEBHOOK_URL', 'https://u:PASS@hooks.example.org/x'],
    ['ALERT_WEBHOOK_URL', 'https://PASS@hooks.example.org/x'],
  ])('%s=%s', (name, text) => {
    const faults = faultsOf({ ...GIVEN, [name]: text })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(new RegExp(`^${name}: `))
    expect(faults[0]).not.toContain('PASS')
  })

  test('but for the one that is nothing but a secret', () => {
    const url = 'https://chat.example.org/v1/spaces/X/messages?key=K&token=T'
    expect(faultsOf({ ...GIVEN, ALERT_WEBHOOK_URL: url })).toEqual([])
  })

  function faultsOf(env: Record<string, string>): readonly string[] {
    try {
      parseConfig(serveConfig, env)
      return []
    } catch (error) {
      if (error instanceof ConfigError) return error.faults
      throw error
    }
  }
})
