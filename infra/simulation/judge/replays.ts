/** What a replay tells people of a device, and that each replay which would post something had been proposed. */
import { daysThrough } from '../runtime/civil-time.ts'
import type { NotedPost, Ran } from '../space/space.ts'
import { isOpenSlot } from '../world/truth.ts'
import type { World } from '../world/world.ts'
import type { Fail } from './judged.ts'

/** `Registered late: … for EMAIL, FIRST to LAST, … reupload --proposal N`, as the nightly run says it. */
const PROPOSAL = /Registered late: .* for (\S+), (\S+) to (\S+), .* --proposal \d+$/gm

/** Each day on which the device was seen, with its minutes, slots and rooms; no other one. By now all files have come. */
export function judgeReplay(
  { body }: Pick<Ran, 'body'>,
  { mac, from, to }: { readonly mac: string; readonly from: string; readonly to: string },
  world: World,
  fail: Fail,
): void {
  const { days = [] } = body as { days?: readonly Record<string, unknown>[] }
  for (const day of daysThrough(from, to)) {
    if (world.damaged.has(day)) continue
    const { minutes, slots, locations } = days.find((each) => each.day === day) ?? {}
    const told = minutes === undefined ? 'nothing' : JSON.stringify({ minutes, slots, locations })
    const is = seenOn(day, mac, world)
    if (told !== is) fail(day, mac, `a replay told ${told}: it was ${is}`)
  }
}

function seenOn(day: string, mac: string, world: World): string {
  const rooms = world.seen.get(day)?.get(mac) ?? new Map<string, ReadonlySet<number>>()
  if (rooms.size === 0) return 'nothing'
  const locations = [...rooms.keys()].sort()
  const slots = new Set([...rooms.values()].flatMap((each) => [...each].filter(isOpenSlot)))
  const minutes = new Set(
    locations.flatMap((room) => [...(world.seenMinutes.get(day)?.get(room)?.get(mac) ?? [])]),
  )
  return JSON.stringify({ minutes: minutes.size, slots: slots.size, locations })
}

/** What administrators posted by replays, after a night that should have told them of it. */
export function judgeProposals(
  { out, errors }: Pick<Ran, 'out' | 'errors'>,
  posts: readonly NotedPost[],
  fail: Fail,
): void {
  const proposals = [...`${out.join('\n')}\n${errors}`.matchAll(PROPOSAL)]
  for (const { email, date, amount } of posts) {
    const isProposed = proposals.some(
      ([, whose, first = '', last = '']) => whose === email && first <= date && date <= last,
    )
    if (!isProposed) fail(date, email, `a replay posted ${amount}, which no night had proposed`)
  }
}
