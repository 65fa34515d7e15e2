import type { LocalDay, Mac } from '@presences/shared'
import { expect, test } from 'vitest'
import { type IntervalOwner, ownerOn } from './map-history.ts'
import { type ChargedOn, rebuildHistory } from './rebuild-history.ts'

const day = (text: string) => text as LocalDay
const MAC = 'AA:00:00:00:00:01' as Mac
const member = (name: string) => ({ kind: 'member' as const, email: `${name}@x`, name })
const ANA = member('ana')
const BOB = member('bob')
const TODAY = day('2026-11-20')

const charged = (on: string, owner: IntervalOwner): ChargedOn => ({ day: day(on), mac: MAC, owner })

function rebuilt(charges: readonly ChargedOn[], soldOn?: string) {
  const device = { email: BOB.email, firstName: 'bob', lastName: '' }
  const events = soldOn
    ? [
        { email: ANA.email, mac: MAC, change: 'removed' as const, occurred: new Date(soldOn) },
        { email: BOB.email, mac: MAC, change: 'added' as const, occurred: new Date(soldOn) },
      ]
    : []
  const map = { devices: new Map([[MAC, device]]), uncharged: new Map(), rows: 1, faults: [] }
  const sources = { map, today: TODAY, events, timeZone: 'Europe/Paris', charges }
  const { history, inDoubt } = rebuildHistory(sources)
  const owners = ['01', '05', '08', '12', '20'].map((on) => {
    const owner = ownerOn(history, MAC, day(`2026-11-${on}`))?.owner
    return owner?.kind === 'member' ? owner.email : owner?.kind
  })
  return { owners, inDoubt }
}

test('a sale that no event tells of is in doubt between the two charges', () => {
  const { owners, inDoubt } = rebuilt([
    charged('2026-11-01', ANA),
    charged('2026-11-05', ANA),
    charged('2026-11-12', BOB),
  ])
  expect(owners).toEqual(['ana@x', 'ana@x', 'unsure', 'bob@x', 'bob@x'])
  expect(inDoubt).toEqual([MAC])
})

test('a sale that an event tells of is not', () => {
  const { owners, inDoubt } = rebuilt([charged('2026-11-01', ANA)], '2026-11-08T05:00:00Z')
  expect(owners).toEqual(['ana@x', 'ana@x', 'ana@x', 'bob@x', 'bob@x'])
  expect(inDoubt).toEqual([])
})

test('where the trail and a ledger differ, the device is told of as in doubt', () => {
  const { inDoubt } = rebuilt([charged('2026-11-12', ANA)], '2026-11-08T05:00:00Z')
  expect(inDoubt).toEqual([MAC])
})
