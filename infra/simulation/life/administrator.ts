/**
 * What administrators do by hand: days that came too late for the nightly run, devices that were registered late;
 * on the command line, or by the HTTP service with a preview before.
 */
import type { Random } from '../../random.ts'
import { mayLag } from '../faults/faults.ts'
import type { Fail } from '../judge/judged.ts'
import { judgeReplay } from '../judge/replays.ts'
import { dayAfter, daysThrough } from '../runtime/civil-time.ts'
import type { Ran } from '../space/space.ts'
import { askIn, type Life, runIn } from './life.ts'

/** Uploads the days whose files came later than the nightly run looks, and none between them. */
export async function byHand(life: Life, random: Random): Promise<void> {
  for (const days of stretchesOf(life.byHand)) {
    const [from = ''] = days
    const isOne = days.length === 1 && random.chance(0.5)
    const ran = await life.time.until(
      isOne
        ? askIn(life, 'POST', `/upload/${from}`)
        : runIn(life, ['upload', '--from', from, '--to', days.at(-1) ?? from]),
    )
    mustWork(ran, life, days)
    // A listing that lags may not have shown the late file yet: where it may, they do it again.
    const isSeen = life.isCalm || !mayLag(life.faults)
    // What it could not do the nightly run tries again: nobody does it twice.
    if (isSeen && hasWorked(ran)) for (const day of days) life.byHand.delete(day)
  }
}

/** Days on end, in order. */
function stretchesOf(days: ReadonlySet<string>): string[][] {
  const stretches: string[][] = []
  for (const day of [...days].sort()) {
    if (days.has(dayAfter(day, -1))) stretches.at(-1)?.push(day)
    else stretches.push([day])
  }
  return stretches
}

/** Replays a device. In calm a preview must tell exactly what then is posted, and change nothing. */
export async function replayLate(
  mac: string,
  from: string,
  to: string,
  life: Life,
  random: Random,
): Promise<void> {
  const period = `${from}..${to}`
  if (random.chance(0.5)) {
    const ran = await life.time.until(runIn(life, ['reupload', mac, '--period', period]))
    mustWork(ran, life, daysThrough(from, to))
    return
  }
  const path = `/reupload/${random.pick(SPELLINGS)(mac)}?period=${period}`
  const linesBefore = life.trail.lines.length
  const preview = await life.time.until(askIn(life, 'GET', path))
  const changes = life.trail.lines
    .slice(linesBefore)
    .filter((line) => !line.includes(' | ') && / (put|PUT|POST \/api\/presence) /.test(line))
  const replayed = await life.time.until(askIn(life, 'POST', path))
  const fail = (what: string) => life.failures.push({ day: to, member: mac, what })
  if (changes.length > 0) fail(`a preview changed something: ${changes[0]}`)
  if (daysOf(preview) === undefined) fail(`a preview told no days: ${JSON.stringify(preview.body)}`)
  if (daysOf(preview) !== daysOf(replayed))
    fail(`a preview told ${daysOf(preview)}, then was ${daysOf(replayed)}`)
  judgeReplay(replayed, { mac, from, to }, life.world, failIn(life))
}

/** A failure that is known as soon as something has happened. */
export function failIn({ failures }: Life): Fail {
  return (day, member, what) => failures.push({ day, member, what })
}

/**
 * In calm a command that was asked for rightly does its work, at least in part; unless each of its `days` has
 * something damaged, and so no part of it can be done.
 */
export function mustWork(
  ran: Ran,
  { isCalm, failures, world }: Life,
  days: readonly string[],
): void {
  if (!isCalm || hasWorked(ran) || days.every((day) => world.damaged.has(day))) return
  const day = days.at(-1) ?? ''
  failures.push({ day, member: ran.name, what: `ended with ${ran.code}, in calm` })
}

/** It did its work, at least in part. */
function hasWorked({ code }: Ran): boolean {
  return [0, 1, 200, 502].some((each) => each === code)
}

const SPELLINGS: readonly ((mac: string) => string)[] = [
  (mac) => mac,
  (mac) => mac.toLowerCase().replaceAll(':', '-'),
  (mac) => mac.replaceAll(':', ''),
]

/** All that an answer tells of the days, but for what came of posting. */
function daysOf({ body }: Ran): string | undefined {
  const { days } = (body ?? {}) as { days?: unknown }
  return JSON.stringify(days, (key, value) => (key === 'outcome' ? undefined : value))
}
