/** Who had devices and is no member any more, as the history of members knows them. Pure. */
import type { LocalDay } from '@presences/shared'
import type { ListedMember } from '../tickets/tickets.ts'
import type { MapHistory } from './map-history.ts'

/** Name and e-mail of each who had a device on one of the days from `first` to `last`, and is not `listed` now; sorted. */
export function noLongerListed(
  { intervals }: MapHistory,
  { first, last }: { readonly first: LocalDay; readonly last: LocalDay },
  listed: readonly ListedMember[],
): string[] {
  const ids = new Set(listed.map(({ id }) => id))
  const emails = new Set(listed.map(({ email }) => email))
  const names = [...intervals.values()].flat().flatMap(({ owner, from, until }) => {
    const isThen = from <= last && (until === undefined || until >= first)
    if (owner.kind !== 'member' || !isThen) return []
    const isListed = owner.id === undefined ? emails.has(owner.email) : ids.has(owner.id)
    return isListed ? [] : [`${owner.name} (${owner.email})`]
  })
  return [...new Set(names)].sort()
}
