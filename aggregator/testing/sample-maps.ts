/** Member maps for the tests of this folder, small enough to read. */
import { type LocalDay, type Mac, macFromBits } from '@presences/shared'
import { EMPTY_HISTORY, type MapHistory } from '../src/members/map-history.ts'
import type { Member, MemberMap } from '../src/members/member-map.ts'
import { type MapObserved, observeMap } from '../src/members/observe-map.ts'

export const ANA: Member = { email: 'ana@example.org', firstName: 'Ana', lastName: 'Martin' }
export const BOB: Member = { email: 'bob@example.org', firstName: 'Bob', lastName: 'Petit' }
export const CLEO: Member = { email: 'cleo@example.org', firstName: 'Cleo', lastName: 'Roux' }
export const SPACE: Member = {
  email: 'space@example.org',
  firstName: 'Coworking',
  lastName: 'Metz',
}
export const NO_EMAIL: Member = { email: '', firstName: 'Ana', lastName: 'Martin' }

/** The devices of the samples. */
export const [PHONE, LAPTOP, TABLET, ROUTER, BADGE] = [1, 2, 3, 4, 5].map(macFromBits) as [
  Mac,
  Mac,
  Mac,
  Mac,
  Mac,
]

/** A day of November 2026. */
export function nov(day: number): LocalDay {
  return `2026-11-${String(day).padStart(2, '0')}` as LocalDay
}

/** A map of these devices; two members make a device ambiguous. */
export function mapOf(...rows: readonly (readonly [Mac, ...Member[]])[]): MemberMap {
  const devices = new Map<Mac, Member>()
  const uncharged = new Map<
    Mac,
    MemberMap['uncharged'] extends ReadonlyMap<Mac, infer D> ? D : never
  >()
  for (const [mac, ...members] of rows) {
    const [member = NO_EMAIL, another] = members
    if (another) uncharged.set(mac, { why: 'ambiguous', members })
    else if (member.firstName === 'Coworking') uncharged.set(mac, { why: 'excluded', members })
    else if (member.email === '') uncharged.set(mac, { why: 'noEmail', members })
    else devices.set(mac, member)
  }
  return { devices, uncharged, rows: rows.length, faults: [] }
}

/** What comes of these maps, one after another; the last one's outcome. */
export function observeAll(...maps: readonly (readonly [LocalDay, MemberMap])[]): MapObserved {
  let observed: MapObserved = {
    history: EMPTY_HISTORY,
    newlyRegistered: [],
    renamed: [],
    lost: 0,
    changed: false,
  }
  for (const [day, map] of maps) {
    observed = observeMap(observed.history, map, day, { acceptShrunk: true })
  }
  return observed
}

/** A device's intervals as text: `ana@example.org 2026-11-01..2026-11-04 map`. */
export function intervalsOf(history: MapHistory, mac: Mac): string[] {
  return (history.intervals.get(mac) ?? []).map(({ owner, from, until, origin }) => {
    const who = owner.kind === 'member' ? owner.email : owner.kind
    return `${who} ${from}..${until ?? ''} ${origin}`
  })
}
