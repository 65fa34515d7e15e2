/**
 * Somebody holds a box's key of a bucket whose policy is too wide: files of members who were not there, in a room that
 * nobody has. What is known of the rooms breaks besides; administrators accept those that are theirs, and no other.
 */
import type { Random } from '../../random.ts'
import { dayAfter, instantAt, localStamp } from '../runtime/civil-time.ts'
import { allDevices, INVENTED_ROOM, isRegistered } from '../world/world.ts'
import { type Life, runIn } from './life.ts'

const ROOMS_KEY = 'ledger/locations.json'
const LEDGER_KEY = /^ledger\/\d/
/** As far back as nights look. */
const DAYS_BACK = 7
const OPEN = 8 * 60
const SLOTS = 84

/** A whole day of every member, in a room that nobody has, now and then; or what is known of the rooms breaks. */
export function forge(today: string, life: Life, random: Random): void {
  const { space, faults, isCalm, trail, world } = life
  if (isCalm || !random.chance(faults['forged-rooms'] * 0.4)) return
  const day = dayAfter(today, -random.between(0, DAYS_BACK))
  const macs = allDevices(world).filter(isRegistered)
  const lines = Array.from({ length: SLOTS }, (_, slot) => {
    const stamp = localStamp(instantAt(day, OPEN + 10 * slot))
    return macs.map(({ mac }) => `${stamp}\t${mac}\n`).join('')
  })
  space.bucket.put(`presences/${INVENTED_ROOM}/${day}`, Buffer.from(lines.join('')))
  trail.note(`forged ${day} in a room of nobody's`)
  if (random.chance(0.3)) loseRooms(life, random)
}

function loseRooms({ space: { bucket }, trail }: Life, random: Random): void {
  const object = bucket.get(ROOMS_KEY)
  // Until a day was charged, nothing else tells the rooms that are there from an invented one.
  const hasCharged = bucket.list('ledger/').some(({ key }) => LEDGER_KEY.test(key))
  if (!object || !hasCharged) return
  if (random.chance(0.5)) bucket.remove(ROOMS_KEY)
  else bucket.put(ROOMS_KEY, object.bytes.slice(0, object.bytes.length / 2))
  trail.note(`lost, or damaged, ${ROOMS_KEY}`)
}

/** Somebody reads which rooms wait, and accepts their own. */
export async function acceptRooms(errors: string, life: Life): Promise<void> {
  const waiting = [...errors.matchAll(/: presences-aggregator locations accept ([a-z0-9-]+)/g)]
  for (const room of new Set(waiting.map(([, name = '']) => name))) {
    if (life.world.locations.includes(room))
      await life.time.until(runIn(life, ['locations', 'accept', room]))
  }
}
