import { describe, expect, test } from 'vitest'
import { nov } from '../../testing/sample-maps.ts'
import { identities } from './identities.ts'
import { EMPTY_HISTORY, type MapHistory } from './map-history.ts'

const ANA = 'ana@example.org'
const BEA = 'bea@example.org'
/** Ana's e-mail became Bea's on the 5th, as runs saw it. */
const RENAMED: MapHistory = { ...EMPTY_HISTORY, renames: [{ from: ANA, to: BEA, on: nov(5) }] }
const ASKED: MapHistory = { ...RENAMED, people: new Map([['id-bea', BEA]]) }

describe('whom an entry of the ledger is about', () => {
  test.each<[string, MapHistory, string | undefined, string, string | undefined]>([
    ['by e-mail, of before it changed', RENAMED, undefined, '04T12:00', BEA],
    ['by e-mail, of the day it changed', RENAMED, undefined, '05T12:00', BEA],
    ['by e-mail, of the last local minute of that day', RENAMED, undefined, '05T22:59', BEA],
    ['by e-mail, of the next local day: somebody else', RENAMED, undefined, '05T23:00', ANA],
    ['by e-mail where ids are known', ASKED, undefined, '06T12:00', ANA],
    ['by id, whenever it was', ASKED, 'id-bea', '06T12:00', BEA],
    ['by id, of who is no member any more', ASKED, 'id-gone', '04T12:00', undefined],
    ['by id, where the server was never asked: by e-mail', RENAMED, 'id-gone', '04T12:00', BEA],
  ])('%s', (_, history, member, at, email) => {
    const entry = { email: ANA, at: `2026-11-${at}:00.000Z`, ...(member && { member }) }
    expect(identities(history, 'Europe/Paris').emailNow(entry)).toBe(email)
  })

  test.each([
    [BEA, 'id-bea'],
    [ANA, undefined],
  ])('the id of %s is %s', (email, id) => {
    expect(identities(ASKED, 'Europe/Paris').memberId(email)).toBe(id)
  })
})
