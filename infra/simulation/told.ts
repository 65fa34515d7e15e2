/** An entry of a ledger, about one person, and what had truly happened by then. */
import type { JudgedDay } from './judge.ts'
import type { NotedPost } from './space.ts'
import { runOf, type StoredEntry } from './stored-objects.ts'
import { type Correction, dayKey, type Person } from './world.ts'

export interface Told extends JudgedDay {
  readonly entry: StoredEntry
  readonly person: Person
}

/** Of that day the ledger has this person as two, and each knows of its own posts only. */
export function isStrange({ person: { strangeSince }, day }: Told): boolean {
  return strangeSince !== undefined && day < strangeSince
}

/** No earlier run sent this without learning, or writing down, what came of it. */
export function notLost(told: Told, amount?: number): string | undefined {
  const { entry, ledger, person, space } = told
  const isLost = ledger.entries.some((each) => {
    if (!person.emails.includes(each.email) || each.decision !== 'post') return false
    if (runOf(each) === runOf(entry) || each.at > entry.at) return false
    if (amount !== undefined && each.computed !== amount) return false
    const ran = space.ran.get(runOf(each))
    const isUnwritten = each.outcome === 'intended' && ran?.code !== 0
    return ran?.code === 'killed' || ran?.unanswered.has('presence') || isUnwritten
  })
  return isLost ? undefined : 'no answer had been lost'
}

export function postsBefore({ entry, person, day, space, world }: Told): NotedPost[] {
  const ids = world.people.filter(({ human }) => human === person.human).map(({ id }) => id)
  return space.posts.filter(
    ({ memberId, date, at, program }) =>
      ids.includes(memberId) &&
      date === day &&
      at <= Date.parse(entry.at) &&
      program !== runOf(entry),
  )
}

export function correctionsBefore({ entry, person, day, world }: Told): readonly Correction[] {
  const all = world.corrections.get(dayKey(person.id, day)) ?? []
  return all.filter(({ at }) => at <= Date.parse(entry.at))
}
