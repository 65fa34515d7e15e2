/** What is said of a ledger that was made again: what this system posted, or a person set, and nothing else. */
import type { StoredEntry } from '../bucket/stored-objects.ts'
import { dayKey } from '../world/world.ts'
import type { JudgedDay } from './judged.ts'

const SET = /^made again from the ticket server: .+ set (-?[\d.]+) \(.*\)$/
const HAD =
  /^made again from the ticket server, which had ([\d.]+); from which evidence is not known any more$/

export function isRebuilt({ run }: StoredEntry): boolean {
  return run.kind === 'rebuild'
}

export function judgeRebuilt(
  { member = '', computed, decision, reason, at }: StoredEntry,
  { day, space, world }: JudgedDay,
  told: (what: string) => void,
): void {
  const [, had] = HAD.exec(reason) ?? []
  const [, set] = SET.exec(reason) ?? []
  if (decision === 'post' && had !== undefined) {
    const isOurs = space.posts.some(
      (post) =>
        post.memberId === member &&
        post.date === day &&
        post.amount === computed &&
        post.at <= Date.parse(at),
    )
    if (Number(had) !== computed || !isOurs) told('no run had posted that')
  } else if (decision === 'hold' && set !== undefined) {
    const all = world.corrections.get(dayKey(member, day)) ?? []
    if (!all.some(({ value }) => value === Number(set))) told('nobody had set that')
  } else told('nobody knows this reason')
}
