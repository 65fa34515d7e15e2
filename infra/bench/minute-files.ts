/** A day of three probes as minute files, of realistic size: 30 devices at night, 100 at midday. */
import {
  dayWindow,
  encodeMinuteFile,
  formatMinuteKey,
  instantOf,
  type LocalDay,
  macFromBits,
} from '@presences/shared'
import { randomFrom } from './random.ts'

export interface MinuteFile {
  readonly key: string
  readonly text: string
}

const DAY = '2025-11-18' as LocalDay
const TIME_ZONE = 'Europe/Paris'
const LOCATIONS = ['fte-rdc', 'poulailler', 'pti-poulailler']
const FEWEST_DEVICES = 30
const MOST_DEVICES = 100

export interface MinuteFilesDay {
  readonly day: LocalDay
  /** What each location's probe wrote: a file each minute. */
  readonly files: readonly MinuteFile[]
  /** Files that arrive afterwards: a second probe's, in one location. */
  readonly late: readonly MinuteFile[]
}

/** The day, the same in every run. */
export function generateMinuteFiles(lateFiles: number): MinuteFilesDay {
  const random = randomFrom(4_320)
  const { start, minutes } = dayWindow(DAY, TIME_ZONE)
  const pools = LOCATIONS.map((location) => ({
    location,
    macs: Array.from({ length: MOST_DEVICES }, () =>
      macFromBits(Math.floor(random.next() * 2 ** 48)),
    ),
  }))
  const files = pools.flatMap((pool) =>
    Array.from({ length: minutes }, (_, minute) => fileOf(pool, 'box', minute)),
  )
  const late = pools
    .slice(0, 1)
    .flatMap((pool) =>
      Array.from({ length: lateFiles }, (_, minute) => fileOf(pool, 'spare-box', minute)),
    )
  return { day: DAY, files, late }

  function fileOf(
    { location, macs }: (typeof pools)[number],
    probe: string,
    minute: number,
  ): MinuteFile {
    const awake = Math.sin((Math.PI * minute) / minutes)
    const count = Math.round(FEWEST_DEVICES + (MOST_DEVICES - FEWEST_DEVICES) * awake)
    const instant = instantOf(start + minute)
    const text = encodeMinuteFile(
      {
        instant,
        macs: macs.slice(0, count),
        meta: { probe: '1.0.0', scanner: 'arp-scan', interfaces: 'eth0', ms: '812' },
      },
      TIME_ZONE,
    )
    return { key: formatMinuteKey({ location, day: DAY, minute: start + minute, probe }), text }
  }
}
