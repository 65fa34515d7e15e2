/** What consoles were seen to answer, with names and addresses made up: testdata/unifi. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TESTDATA } from '../../../testing/recorded.ts'
import { type Answer, explainLogin, needsLogin, readClients } from './unifi-answers.ts'

const NOW_S = 1_795_420_800
const DATE = new Date(NOW_S * 1000).toUTCString()
const host = (number: number) => `02:00:00:00:0${number}:AF`

function seen(name: string): Answer {
  const read = (part: string) => readFileSync(join(TESTDATA, 'unifi', name, part), 'utf8')
  return { status: Number(read('status')), body: read('body'), date: DATE }
}

const both = ['wireless', 'wired'] as const

test.each([
  ['all kinds', both, [host(2), host(3), host(5)]],
  ['wireless', ['wireless'] as const, [host(2), host(3)]],
  ['wired', ['wired'] as const, [host(5)]],
])('of %s, whoever was seen within the last minute is there', (_, kinds, macs) => {
  expect(readClients(seen('clients'), 'default', kinds)).toEqual({ macs, unreadable: [] })
})

test('nobody there is an empty list', () => {
  expect(readClients(seen('no-clients'), 'default', both)).toEqual({ macs: [], unreadable: [] })
})

test.each([
  [60, 1],
  [61, 0],
  [0, 1],
  [-60, 1],
])('seen %i s ago by the clock of the controller: %i', (agoS, count) => {
  const data = [{ mac: '02:00:00:00:02:af', last_seen: NOW_S - agoS }]
  expect(readClients(listOf(data), 'default', both)).toMatchObject({
    macs: count === 1 ? [host(2)] : [],
    unreadable: [],
  })
})

test.each([
  [{ last_seen: NOW_S }, 'no MAC address'],
  [{ mac: 'someone', last_seen: NOW_S }, 'no MAC address'],
  [{ mac: '02:00:00:00:02:af' }, 'no last_seen'],
  [{ mac: '02:00:00:00:02:af', last_seen: 'now' }, 'no last_seen'],
  [{ mac: '02:00:00:00:02:af', last_seen: NOW_S + 61 }, 'last_seen is in the future'],
  [null, 'no MAC address'],
])('the entry %j is reported', (entry, reason) => {
  const good = { mac: '02:00:00:00:03:af', last_seen: NOW_S }
  expect(readClients(listOf([good, entry]), 'default', both)).toEqual({
    macs: [host(3)],
    unreadable: [{ line: 2, reason }],
  })
})

describe('an answer without clients is a failure', () => {
  test.each([
    ['no-such-site', 'the controller knows no site annex'],
    ['forbidden', 'the account may not see the clients'],
    ['no-session', 'does not take the session'],
    ['login-limit', 'wants to be asked less often'],
    ['starting', 'the controller answered with status 502'],
  ])('%s', (name, reason) => {
    expect(failureOf(seen(name))).toContain(reason)
  })

  test.each([
    [{ status: 404, body: '' }, 'there is no UniFi OS console'],
    [{ status: 200, body: '<!doctype html>' }, 'is no list of clients'],
    [{ status: 200, body: '{"meta":{"rc":"error"},"data":[]}' }, 'is no list of clients'],
    [{ status: 200, body: '{"meta":{"rc":"ok"}}' }, 'is no list of clients'],
    [{ status: 200, body: '[]' }, 'is no list of clients'],
    [{ status: 302, body: '' }, 'answered with status 302'],
    [{ ...seen('clients'), date: undefined }, 'does not tell the time'],
    [{ ...seen('clients'), date: 'yesterday' }, 'does not tell the time'],
  ])('%j', (answer, reason) => {
    expect(failureOf({ date: DATE, ...answer })).toContain(reason)
  })
})

test.each([
  ['no-session', true],
  ['login-required', true],
  ['no-such-site', false],
  ['forbidden', false],
  ['clients', false],
])('to log in may help after %s: %s', (name, helps) => {
  expect(needsLogin(seen(name))).toBe(helps)
})

test.each<[string, Answer, string]>([
  ['wrong-password', seen('wrong-password'), 'refuses the user or the password'],
  ['the same, of older consoles', { ...seen('wrong-password'), status: 401 }, 'refuses the user'],
  ['login-limit', seen('login-limit'), 'takes no more logins'],
  ['the limit, as 403', { ...seen('login-limit'), status: 403 }, 'takes no more logins'],
  ['a second factor', { status: 499, body: '', date: DATE }, 'wants a second factor'],
  ['no console', { status: 404, body: '', date: DATE }, 'there is no UniFi OS console'],
  ['no cookie', { status: 200, body: '{}', date: DATE }, 'gave no session'],
  ['starting', seen('starting'), 'answered with status 502'],
])('a login without a session: %s', (_, answer, reason) => {
  expect(explainLogin(answer).reason).toContain(reason)
})

test('every entry of any list is a client, one that is not there, or reported', () => {
  const any = fc.oneof(
    fc.jsonValue(),
    fc.record({
      mac: fc.constantFrom('02:00:00:00:02:af', ''),
      last_seen: fc.integer({ min: NOW_S - 200, max: NOW_S + 200 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(any), (data) => {
      expect(readClients(listOf(data), 'default', both)).toHaveProperty('macs')
    }),
  )
})

function listOf(data: readonly unknown[]): Answer {
  return { status: 200, body: JSON.stringify({ meta: { rc: 'ok' }, data }), date: DATE }
}

function failureOf(answer: Answer): string | undefined {
  const read = readClients(answer, 'annex', both)
  return 'failure' in read ? read.failure.reason : undefined
}
