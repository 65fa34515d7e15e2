/**
 * What a person set in the moment between a run's question and its post: nobody can keep the post from covering it, and
 * so each night tells it until the server holds again what the person had set.
 */
import type { Ran, Space } from '../space/space.ts'
import { dayKey, mayBeClosed, type World } from '../world/world.ts'
import type { Fail } from './judged.ts'

const TOLD = /(\d+) corrections? covered by a post/
/** What keeps a night from looking, or from being told. */
const BLIND = /could not be read|until the ticket server can be asked|perhaps corrected meanwhile/

/** Members' days, as keys of `corrections`, whose last correction a later post wrote over. */
export function coveredDays({ posts, state }: Pick<Space, 'posts' | 'state'>, world: World) {
  return [...world.corrections].flatMap(([key, corrections]) => {
    const last = corrections.at(-1)
    const post = posts.findLast(({ memberId, date }) => dayKey(memberId, date) === key)
    if (!last || !post || post.order < last.order) return []
    const stored = state.daysOf(post.memberId).get(post.date)
    const effective = stored?.overrideValue ?? stored?.value ?? 0
    const isThere = world.people.some(({ id, leftOn }) => id === post.memberId && !leftOn)
    if (mayBeClosed(world.closings.get(key))) return []
    return isThere && effective !== last.value ? [key] : []
  })
}

/** The night of `day` says how many corrections are covered, where it could look at all. */
export function judgeCovered(
  ran: Pick<Ran, 'name' | 'out'>,
  day: string,
  space: Pick<Space, 'posts' | 'state'>,
  world: World,
  fail: Fail,
): void {
  const covered = coveredDays(space, world)
  const words = ran.out.join(' ')
  if (covered.length === 0 || BLIND.test(words)) return
  const told = Number(TOLD.exec(words)?.[1] ?? 0)
  if (told < covered.length) fail(day, ran.name, `told ${told} covered: ${covered.join(', ')}`)
}
