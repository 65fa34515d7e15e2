/** What was looked at: every hole is a true one, and nothing is in bucket or evidence that no probe saw. */
import { GARBLED } from '../box/old-box.ts'
import { rollupIn } from '../bucket/stored-objects.ts'
import { localTime } from '../runtime/civil-time.ts'
import { isOpenSlot } from '../world/truth.ts'
import { INVENTED_ROOM } from '../world/world.ts'
import type { Fail, Judged, JudgedDay } from './judged.ts'

const MS_PER_MINUTE = 60_000
/** 08:00 to 21:59. */
const OPEN_MINUTES = 840
/** Lines of minute files and of old day files; of the offset the hours are all that counts here. */
const LINE = /^(.{19})([+-]\d\d)(?::?00)?[ \t]+(\S+)$/

/** By now every file has reached the bucket: rollups have each minute of each probe, and not one more. */
export function judgeRollups({ day, world, space }: JudgedDay, fail: Fail): void {
  for (const location of world.locations) {
    const rollup = rollupIn(space.bucket, location, day)
    const where = { day, location, fail }
    const truth = (kind: 'looked' | 'partial' | 'seenMinutes') =>
      world[kind].get(day)?.get(location)
    judgeMinutes('a scan by', truth('looked'), rollup?.looked, where)
    judgeMinutes('a scan of a part by', truth('partial'), rollup?.partial, where)
    judgeMinutes('a sighting of', truth('seenMinutes'), rollup?.devices, where)
  }
}

type Minutes = ReadonlyMap<string, ReadonlySet<number>>

/** The minutes of each probe, or device: those of `what`, and not one more. */
function judgeMinutes(
  what: string,
  truth: Minutes = new Map(),
  told: Minutes = new Map(),
  { day, location, fail }: { day: string; location: string; fail: Fail },
): void {
  for (const name of new Set([...truth.keys(), ...told.keys()])) {
    const is = truth.get(name) ?? new Set<number>()
    const has = told.get(name) ?? new Set<number>()
    const invented = [...has].filter((minute) => !is.has(minute))
    const lost = [...is].filter((minute) => !has.has(minute))
    const rollup = `the rollup of ${location}`
    if (invented.length > 0) fail(day, name, `${rollup} has ${clocks(invented)}: not ${what} it`)
    if (lost.length > 0) fail(day, name, `${rollup} lacks ${clocks(lost)}: ${what} it`)
  }
}

/** What the ledger says of how the day was looked at. */
export function judgeCoverage({ day, world, space, ledger }: JudgedDay, fail: Fail): void {
  const { coverage, incomplete } = ledger
  for (const [location, probes] of world.looked.get(day) ?? []) {
    const hasMinutes = [...probes.values()].some((minutes) => minutes.size > 0)
    const isTold = coverage.some((each) => each.location === location)
    if (hasMinutes && !isTold) fail(day, location, 'the ledger does not say how it was looked at')
  }
  for (const { location, lookedMinutes, openMinutes } of coverage) {
    if (openMinutes !== OPEN_MINUTES) fail(day, location, `${openMinutes} opening minutes`)
    const probes = world.looked.get(day)?.get(location) ?? new Map<string, Set<number>>()
    const { hasDayFile = false } = rollupIn(space.bucket, location, day) ?? {}
    if (lookedMinutes === undefined && !hasDayFile) {
      fail(day, location, 'the ledger does not know the minutes, though no old day file is there')
    }
    if (lookedMinutes === undefined || hasDayFile) continue
    const minutes = new Set([...probes.values()].flatMap((each) => [...each]))
    const looked = [...minutes].filter((minute) => isOpenSlot(slotOf(minute))).length
    if (looked !== lookedMinutes) {
      fail(day, location, `${looked} minutes were looked at, the ledger says ${lookedMinutes}`)
    }
    const isIncomplete = looked * 100 < space.minCoveragePercent * OPEN_MINUTES
    if (isIncomplete !== incomplete.includes(location)) {
      fail(day, location, `${looked} minutes are said to be ${isIncomplete ? '' : 'in'}complete`)
    }
  }
}

/** What lies in the bucket was seen by a probe, but for what somebody forged. */
export function judgeRawFiles({ space: { bucket }, world }: Judged, fail: Fail): void {
  for (const { key, bytes } of bucket.list('presences/')) {
    const location = key.split('/')[1] as string
    if (location === INVENTED_ROOM) continue
    const text = Buffer.from(bytes).toString('utf8')
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#') || GARBLED.startsWith(line)) continue
      const [, time = '', hours = '', mac] = LINE.exec(line) ?? []
      if (mac === undefined) {
        fail(location, key, `has a line that no probe writes: ${line}`)
        continue
      }
      const at = Date.parse(`${time}${hours}:00`)
      const { day } = localTime(at)
      const seen = world.seenMinutes.get(day)?.get(location)?.get(mac.toUpperCase())
      if (!seen?.has(Math.floor(at / MS_PER_MINUTE))) fail(day, mac, `${key} has what no probe saw`)
    }
  }
}

function slotOf(minute: number): number {
  return Math.floor(localTime(minute * MS_PER_MINUTE).clock / 10)
}

function clocks(minutes: readonly number[]): string {
  const texts = minutes.slice(0, 3).map((minute) => new Date(minute * MS_PER_MINUTE).toISOString())
  return `${texts.map((text) => text.slice(11, 16)).join(', ')} UTC (${minutes.length} minutes)`
}
