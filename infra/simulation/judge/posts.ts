/** Each amount that reached the ticket server, in the order they came: meant, due, with a cause, never lower. */
import { ledgerIn, runOf } from '../bucket/stored-objects.ts'
import { type NotedPost, saidDone } from '../space/space.ts'
import { amountOf, presenceOf } from '../world/truth.ts'
import { dayKey, isClosed } from '../world/world.ts'
import type { Fail, Judged } from './judged.ts'
import { isUnordered } from './unordered.ts'

const REPLAY = /^(POST \/)?reupload/

export function judgePosts(judged: Judged, fail: Fail): void {
  const { space, world } = judged
  const last = new Map<string, NotedPost>()
  for (const post of space.posts) {
    const { memberId, date, amount, program } = post
    const told = (what: string) => fail(date, memberId, `${program} posted ${amount}: ${what}`)
    if (!isAskedAnew(post, judged)) told('nobody asked anew what people did')
    if (post.charging !== program && judged.isOrderly) {
      told(`${post.charging ?? 'nobody'} held the lease`)
    }
    const person = world.people.find(({ id }) => id === memberId)
    const due = person ? amountOf(presenceOf(person, date, world).possible.size) : 0
    if (amount > due) told(`no more than ${due} is due`)
    if (isCorrected(post, judged)) told('a person had set this day')
    const before = last.get(dayKey(memberId, date))
    last.set(dayKey(memberId, date), post)
    // Two runs that charge at once cross each other; the end of it is judged with the stored amounts.
    if (isUnordered(date, judged)) continue
    if (wasClosed(post, judged)) told('a person had closed this day')
    if (!post.isIntended) told('the ledger had no such intention')
    if (!before) continue
    // By another e-mail the server is asked, and tells 0 of a trial day.
    const isUnknown = post.email !== before.email && person?.trialDays.has(date)
    if (isUnknown) continue
    if (amount < before.amount) told(`lower than ${before.amount} of ${before.program}`)
    // An old copy does not know of it, and the server does not show what was posted to a trial day.
    if (world.unkept.has(date)) continue
    if (amount === before.amount && !isUnanswered(before, post, judged)) {
      told(`again, and ${before.program} had its answer`)
    }
  }
  for (const { day, from, by } of space.takenLeases)
    fail(day, by, `took the lease that ${from} held`)
  for (const { name, out, errors } of space.ran.values()) {
    const isBlamed = out.some((line) => line.includes('A fault of the service itself'))
    if (isBlamed) fail('', name, 'the service blames itself')
    // Only a fault of the program's own is told with where it was.
    if (/^\s+at /m.test(errors)) fail('', name, `it crashed: ${errors.trim().split('\n')[0]}`)
  }
}

/** Days are settled one after another, but for those of a replay: what people did is asked anew for each. */
function isAskedAnew({ program, date, order, triedAt }: NotedPost, { space }: Judged): boolean {
  if (REPLAY.test(space.ran.get(program)?.what ?? '')) return true
  return !space.posts.some(
    (each) =>
      each.program === program && each.date !== date && each.order < order && each.order > triedAt,
  )
}

/** Known to a person before it was sent: set before the run began, or before it last asked about them. */
function isCorrected(post: NotedPost, { world, space }: Judged): boolean {
  const { memberId, date, program, askedAt } = post
  const [began] = space.ran.get(program)?.orders ?? [post.order]
  const known = Math.max(began, askedAt)
  return (world.corrections.get(dayKey(memberId, date)) ?? []).some(({ order }) => order <= known)
}

/** Before it was sent, and nobody had reopened it. */
function wasClosed({ memberId, date, order }: NotedPost, { world }: Judged): boolean {
  const said = world.closings.get(dayKey(memberId, date)) ?? []
  return isClosed(said.filter((each) => each.order < order))
}

/** When `next` was sent nobody had lived to learn, or to write down, that the post had arrived. */
function isUnanswered(post: NotedPost, next: NotedPost, { space, isOrderly }: Judged): boolean {
  if (!post.isHeard) return true
  const ran = space.ran.get(post.program)
  const isWritten = ledgerIn(space.bucket, post.date)?.entries.some(
    (entry) =>
      runOf(entry) === post.program &&
      entry.email === post.email &&
      entry.outcome === 'posted' &&
      entry.computed === post.amount,
  )
  // What the ledger has now it had then, unless the run went on, or another wrote over it.
  const isFinal = isOrderly && ran !== undefined && ran.endedAt <= next.at
  if (isWritten && isFinal) return false
  return !saidDone(ran)
}
