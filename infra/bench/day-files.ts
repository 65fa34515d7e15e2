/**
 * One day of a space, larger than any real one, as the old system wrote it: three locations, one old day
 * file each, in the shapes that are found in the history. Some people move from room to room, and most
 * devices are nobody's: machines that are always on, and visitors.
 */
import { type LocalDay, type Mac, macFromBits } from '@presences/shared'
import { type Random, randomFrom } from './random.ts'

export interface GeneratedDay {
  readonly day: LocalDay
  /** The member map, as the ticket server answers it. */
  readonly members: string
  readonly files: readonly { readonly location: string; readonly text: string }[]
}

const SIGHTINGS = 250_000

/** A winter day long past, on which no clock changes. */
const DAY = '2025-11-18' as LocalDay
const MINUTES_PER_DAY = 1440
const MEMBERS = 45
const OWNED_DEVICES = 70
const VISITORS = 40
const MACHINES = 190
/** The share of scans a device answers. */
const ANSWERS = 0.93
/** As written by each location's box: the time's end, and what stands between it and the MAC. */
const SHAPES = [
  { location: 'fte-rdc', offset: '+0100', gap: '\t' },
  { location: 'poulailler', offset: '+01:00', gap: '\t' },
  { location: 'pti-poulailler', offset: '+01', gap: '        ' },
]

/** The day: exactly `SIGHTINGS` lines, the same in every run. */
export function generateDay(): GeneratedDay {
  const random = randomFrom(250_000)
  const owned = macs(OWNED_DEVICES, random)
  const log = new SightingLog()
  for (const mac of owned) stay(mac, log, random)
  for (const mac of macs(VISITORS, random)) stay(mac, log, random)
  // Machines fill the day up, all of them minute by minute, until the number is reached.
  const machines = macs(MACHINES, random)
  for (let minute = 0; minute < MINUTES_PER_DAY; minute += 1) {
    const left = Math.ceil((SIGHTINGS - log.size) / (MINUTES_PER_DAY - minute))
    const first = random.between(0, MACHINES - 1)
    for (let at = 0; at < left; at += 1) {
      const machine = (first + at) % MACHINES
      log.add(machine % SHAPES.length, minute, machines[machine] as Mac)
    }
  }
  return { day: DAY, members: memberMap(owned), files: log.files(random) }
}

/** A person's day: two stays, in one room or in two. */
function stay(mac: Mac, log: SightingLog, random: Random): void {
  const arrives = random.between(6 * 60, 14 * 60)
  const moves = arrives + random.between(10, 240)
  const returns = moves + random.between(0, 60)
  const leaves = Math.min(returns + random.between(0, 300), MINUTES_PER_DAY)
  const spans = [
    { from: arrives, to: moves },
    { from: returns, to: leaves },
  ]
  for (const { from, to } of spans) {
    const location = random.between(0, SHAPES.length - 1)
    for (let minute = from; minute < to; minute += 1) {
      if (random.next() < ANSWERS) log.add(location, minute, mac)
    }
  }
}

class SightingLog {
  size = 0
  /** By location, then by minute. */
  readonly #seen = SHAPES.map(() => Array.from({ length: MINUTES_PER_DAY }, () => [] as Mac[]))

  add(location: number, minute: number, mac: Mac): void {
    this.#seen[location]?.[minute]?.push(mac)
    this.size += 1
  }

  files(random: Random): GeneratedDay['files'] {
    return SHAPES.map(({ location, offset, gap }, at) => {
      const lines = (this.#seen[at] ?? []).flatMap((found, minute) => {
        const time = `${DAY}T${clock(minute)}:0${random.between(0, 3)}${offset}`
        return found.sort().map((mac) => `${time}${gap}${mac}\n`)
      })
      return { location, text: lines.join('') }
    })
  }
}

/** Some members have two devices or three; the last three devices are the space's own. */
function memberMap(owned: readonly Mac[]): string {
  const rows = owned.map((mac, device) => {
    const member = device % MEMBERS
    const name = `member${String(member).padStart(2, '0')}`
    return device < OWNED_DEVICES - 3
      ? `${mac}\t${name}@example.org\tMember\t${name}\n`
      : `${mac}\tspace@example.org\tCoworking\tMetz\n`
  })
  return rows.join('')
}

function macs(count: number, random: Random): Mac[] {
  return Array.from({ length: count }, () => macFromBits(Math.floor(random.next() * 2 ** 48)))
}

function clock(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
