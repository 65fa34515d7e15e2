/** What becomes of objects in the bucket besides what programs do: life cycle rules, hands, decay. */
import { millisecondsInDay } from 'date-fns/constants'
import type { Random } from '../../random.ts'
import { HISTORY_KEY, LEASE_KEY, rollupKey } from '../bucket/stored-objects.ts'
import { dayAfter } from '../runtime/civil-time.ts'
import { forgetActs } from '../world/acts.ts'
import { allDevices, isRegistered } from '../world/world.ts'
import type { Life } from './life.ts'

const RAW_PREFIX = 'presences/'
const MEMORY_KEY = 'jobs/nightly.json'
const NOTES = [MEMORY_KEY, MEMORY_KEY, LEASE_KEY]
/** So long the bucket's listings lag, where a rollup is lost at the worst time. */
const LAG_MS = 3_600_000
/** So long nobody can tell what a lost history of members knew: the next nights begin without. */
const SILENT_MS = 30 * 3_600_000

/** The bucket's life cycle rule: raw files go after so many days, more than no night comes to charge at the worst. */
export const EXPIRE_DAYS = 35

/**
 * Raw files that are too old go; but whoever deletes a damaged rollup sees to it that they stay until some night has
 * made it again: between other troubles that may be weeks.
 */
export function expire(life: Life): void {
  const { bucket } = life.space
  if (life.faults.expiry === 0) return
  const awaited = [...life.world.mended].filter((day) => roomsToMend(day, life).length > 0)
  for (const { key, modified } of bucket.objects()) {
    const isOld = life.time.now() - modified > EXPIRE_DAYS * millisecondsInDay
    if (!isOld || !key.startsWith(RAW_PREFIX)) continue
    if (!awaited.some((day) => key.includes(day))) bucket.remove(key)
  }
}

/** Somebody deletes what can be made again from raw files; now and then while the bucket's listings lag behind. */
export function loseRollup(today: string, life: Life, random: Random): void {
  const { space, faults, trail } = life
  if (life.isCalm || !random.chance(faults['lost-rollups'] * 0.6)) return
  for (const ago of random.pick([[1], [2], [1, 2]])) {
    const day = dayAfter(today, -ago)
    if (day < life.firstRunDay) continue
    deleteRollups(day, life)
    trail.note(`lost the rollups of ${day}`)
  }
  if (random.chance(0.6)) space.lag(LAG_MS)
}

/** What is only about runs is damaged, or gone: it must stop nobody, and no day may fall out for it. */
export function loseNote({ space: { bucket }, faults, isCalm, trail }: Life, random: Random): void {
  if (isCalm || !random.chance(faults['lost-notes'] * 0.3)) return
  const key = random.pick(NOTES)
  const object = bucket.get(key)
  if (!object) return
  if (key === MEMORY_KEY && random.chance(0.4)) {
    bucket.remove(key)
    trail.note(`lost ${key}`)
    return
  }
  const half = object.bytes.slice(0, object.bytes.length / 2)
  bucket.put(key, random.pick([half, Buffer.from('{}'), Buffer.alloc(0)]))
  trail.note(`damaged ${key}`)
}

/** The night of `day` is over: its history of members is one that may be put back. */
export function keepCopy(day: string, { space: { bucket }, copies }: Life): void {
  const object = bucket.get(HISTORY_KEY)
  if (object) copies.set(day, object.bytes)
}

/** Who had which device is forgotten, or put back from a copy of some days ago. */
export function loseMembers(life: Life, random: Random): void {
  const { space, faults, isCalm, trail, copies, world } = life
  if (isCalm || world.unkept.size > 0 || !random.chance(faults['old-members'] * 0.12)) return
  const kept = [...copies.keys()].slice(-8, -1)
  // With a first map that lost rows nobody could tell the space's own devices.
  const mayLose = faults['bad-map'] === 0
  const since =
    mayLose && random.chance(0.5) ? '' : (kept[random.between(0, kept.length - 1)] ?? '')
  if (since === '' && !mayLose) return
  // Where a copy has many devices that are gone, the next night waits for --accept-map, and nobody looks.
  const gone = allDevices(world).filter(
    ({ owners }) => owners.at(-1)?.member === undefined && (owners.at(-1)?.from ?? '') > since,
  )
  if (3 * gone.length >= allDevices(world).filter(isRegistered).length && since !== '') return
  const copy = copies.get(since)
  if (copy) space.bucket.put(HISTORY_KEY, copy)
  else space.bucket.remove(HISTORY_KEY)
  forgetActs(world, since)
  if (faults.audit > 0 && random.chance(0.7)) space.silence(SILENT_MS)
  world.forgotten.push(since)
  trail.note(copy ? `put back the history of members of ${since}` : 'lost the history of members')
}

/** Somebody deletes the rollups that can't be read. */
export function mendRollups(life: Life): void {
  const { damaged, mended } = life.world
  for (const day of damaged) {
    damaged.delete(day)
    mended.add(day)
    deleteRollups(day, life)
    life.trail.note(`deleted the rollups of ${day}`)
  }
}

function deleteRollups(day: string, { world, space }: Life): void {
  space.noteLost(day)
  for (const room of world.locations) space.bucket.remove(rollupKey(room, day))
}

/** Before anybody replays all of the past: some night has made the rollups that were deleted, from what was looked at. */
export function mustBeMended(life: Life): void {
  for (const day of life.world.mended) {
    for (const location of roomsToMend(day, life))
      life.failures.push({ day, member: location, what: 'no night has made its rollup again' })
  }
}

/** Those that were looked at on `day`, and have no rollup of it. */
function roomsToMend(day: string, { world, space: { bucket } }: Life): string[] {
  const rooms = [...(world.looked.get(day)?.keys() ?? [])]
  return rooms.filter((room) => !bucket.get(rollupKey(room, day)))
}

/** A rollup that can't be read any more: nobody is charged for its day, nor for less than every other one. */
export function damageRollup(
  today: string,
  { world, space, faults, trail }: Life,
  random: Random,
): void {
  if (faults['damaged-rollup'] === 0) return
  const days = [dayAfter(today, -3), dayAfter(today, -4)]
  const keys = world.locations.flatMap((room) => days.map((day) => rollupKey(room, day)))
  const key = random.shuffle(keys).find((each) => space.bucket.get(each)) ?? ''
  const object = space.bucket.get(key)
  if (!object) return
  const day = days.find((each) => key.includes(each))
  if (day) world.damaged.add(day)
  space.bucket.put(key, object.bytes.slice(0, object.bytes.length / 2))
  trail.note(`damaged ${key}`)
}
