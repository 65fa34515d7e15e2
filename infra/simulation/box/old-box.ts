/**
 * A box of before: one file a day, which grows and is sent whole, again and again. Its lines are of every
 * shape that years of old files have: offsets `+01:00`, `+0100` or cut to `+01`, tabs or spaces, upper or
 * lower case, in any order.
 */
import { localStamp, localTime } from '../runtime/civil-time.ts'
import type { Plan } from '../world/habits.ts'
import { noteSeen } from '../world/world.ts'
import type { Box, BoxDeps } from './box.ts'
import { SLOT_MS, scansOf } from './scan-times.ts'

/** What a line may be that a disk has spoilt. */
export const GARBLED = '2030-01-01T08:1\u0000\u0000:00+01:00\t52:54:\u0000'

export interface OldBoxDeps extends Omit<BoxDeps, 'probe'> {
  /** Scans from this instant on are another box's. */
  readonly to: number
}

export function createOldBox(deps: OldBoxDeps): Box {
  const { location, from, to, world, bucket, random, note } = deps
  let { faults } = deps
  let slotStart = from
  const linesOf = new Map<string, string[]>()
  const unsent = new Set<string>()

  return {
    scan,
    ship,
    setFaults(next) {
      faults = next
    },
    failures: () => [],
  }

  async function scan(plan: Plan, until: number): Promise<void> {
    for (; slotStart < until; slotStart += SLOT_MS) {
      const { clock } = localTime(slotStart)
      const slot = Math.floor(clock / 10)
      const here = plan.get(location)?.get(slot) ?? []
      for (const instant of scansOf(slotStart, slot, random)) {
        if (instant >= to) continue
        for (const { mac, answers } of here) if (random.chance(answers)) add(instant, mac, slot)
      }
    }
  }

  function add(instant: number, mac: string, slot: number): void {
    const { day } = localTime(instant)
    const lines = linesOf.get(day) ?? garbledLines(day)
    linesOf.set(day, lines)
    lines.splice(random.between(0, lines.length), 0, lineOf(instant, mac))
    unsent.add(day)
    const minute = Math.floor(instant / 60_000)
    noteSeen(world, { day, location, mac, slot, minute })
  }

  /** Now and then a day begins with a line that nobody can read. */
  function garbledLines(day: string): string[] {
    if (!random.fork(`garbled ${day}`).chance(faults['cut-copies'] * 0.5)) return []
    world.garbled.add(day)
    return [`${GARBLED}\n`]
  }

  function lineOf(instant: number, mac: string): string {
    const stamp = localStamp(instant)
    const colonless = stamp.replace(/:00$/, '00')
    const time = random.pick([stamp, colonless, stamp.slice(0, 22), colonless.slice(0, 22)])
    const gap = random.pick(['\t', ' ', ' \t '])
    return `${time}${gap}${random.chance(0.5) ? mac : mac.toLowerCase()}\n`
  }

  /** It ships once it has looked. */
  function put(key: string, text: string): void {
    bucket.put(key, Buffer.from(text), undefined, slotStart)
  }

  async function ship(): Promise<string[]> {
    const days: string[] = []
    for (const day of [...unsent]) {
      if (random.chance(faults['late-files'] * 0.2)) continue
      const key = `presences/${location}/${day}`
      const text = linesOf.get(day)?.join('') ?? ''
      days.push(day)
      if (random.chance(faults['cut-copies'] * 0.3)) {
        put(key, text.slice(0, random.between(0, text.length - 1)))
        note(`cut copy ${key}`)
        continue
      }
      put(key, text)
      unsent.delete(day)
    }
    return days
  }
}
