/**
 * Packs what has waited for days: a year of minute files of 300 devices is 7 GB in half a million files, packed 30 MB.
 * Days that may still be written to, or are being shipped, are left alone.
 */
import type * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import { addDays, localDayOf } from '@presences/shared'
import { millisecondsInDay } from 'date-fns/constants'
import type { WaitingMinute } from '../contents.ts'
import { isOpeningMinute } from '../opening-hours.ts'
import { type PackFs, packMinutes } from './pack-minutes.ts'

export interface PackOptions {
  readonly folder: string
  readonly timeZone: string
  readonly now: Date
  /** Asked before each day but the first. */
  readonly isTimeOver: () => boolean
}

/**
 * Packs days of `minutes` that are over, the oldest first; gives the number of files packed. A day that can't be packed
 * (a bad spot on a card) holds up no other: the first failure is thrown at the end, or at once when the disk takes
 * nothing.
 */
export async function packOldDays(
  fs: PackFs & Pick<typeof nodeFs, 'stat'>,
  minutes: readonly WaitingMinute[],
  { folder, timeZone, now, isTimeOver }: PackOptions,
): Promise<number> {
  const firstKept = addDays(localDayOf(now, timeZone), -DAYS_KEPT_LOOSE)
  let packed = 0
  let failure: NodeJS.ErrnoException | undefined
  for (const day of daysOf(minutes.filter(({ day }) => day < firstKept))) {
    if ((packed > 0 || failure) && isTimeOver()) break
    try {
      packed += await packDay(day)
    } catch (cause) {
      failure ??= cause as NodeJS.ErrnoException
      if (DISK_TAKES_NOTHING.has((cause as NodeJS.ErrnoException).code)) break
    }
  }
  if (failure) throw failure
  return packed

  async function packDay(day: Some<WaitingMinute>): Promise<number> {
    const [{ location, day: date }] = day
    const { mtimeMs } = await fs.stat(join(folder, location, date))
    if (Math.abs(now.getTime() - mtimeMs) < RECENT_MS) return 0
    const isOpen = ({ minute }: WaitingMinute) => isOpeningMinute(minute, timeZone)
    for (const [hours, files] of [
      ['open', day.filter(isOpen)],
      ['closed', day.filter((minute) => !isOpen(minute))],
    ] as const) {
      if (isSome(files)) await packMinutes(fs, folder, files, hours)
    }
    return day.length
  }
}

/** Yesterday and the day before are shipped from where they are, after a short outage. */
const DAYS_KEPT_LOOSE = 2
/** A day in whose folder names came or went within a day is being shipped, or was just unpacked for that. */
const RECENT_MS = millisecondsInDay
const DISK_TAKES_NOTHING: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])

type Some<T> = readonly [T, ...T[]]

function isSome<T>(list: readonly T[]): list is Some<T> {
  return list.length > 0
}

/** Minutes by location and day, the oldest day first, in the order of their names. */
function daysOf(minutes: readonly WaitingMinute[]): Some<WaitingMinute>[] {
  const days = new Map<string, WaitingMinute[]>()
  for (const minute of minutes) {
    const key = `${minute.day}/${minute.location}`
    const day = days.get(key)
    if (day) day.push(minute)
    else days.set(key, [minute])
  }
  const inOrder = [...days].sort(([left], [right]) => (left < right ? -1 : 1))
  return inOrder.flatMap(([, day]) => {
    const sorted = day.sort((left, right) => (left.path < right.path ? -1 : 1))
    return isSome(sorted) ? [sorted] : []
  })
}
