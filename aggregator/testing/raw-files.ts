/** Raw files as the scripts of old and the boxes write them, for tests. The room is in Paris. */
import {
  clockMinutes,
  dayWindow,
  encodeMinuteFile,
  epochMinuteOf,
  formatLocalTime,
  formatMinuteKey,
  instantOf,
  type LocalDay,
  localDayOf,
  type Mac,
} from '@presences/shared'

const PARIS = 'Europe/Paris'

/** Lines of a day file: `mac`, in any spelling, seen once in each of `count` slots of `day` from `from` o'clock on. */
export function seen(mac: string, day: string, from: number, count: number): string {
  const window = dayWindow(day as LocalDay, PARIS)
  const clock = clockMinutes(window, PARIS)
  return Array.from({ length: count }, (_, slot) => {
    const instant = instantOf(window.start + clock.indexOf(from * 60 + slot * 10 + 4))
    return `${formatLocalTime(instant, PARIS)}\t${mac}\n`
  }).join('')
}

/** What a look may be, beside an ordinary one of the box that sees nobody. */
export interface LookOptions {
  readonly macs?: readonly Mac[]
  readonly probe?: string
  readonly meta?: Readonly<Record<string, string>>
}

/** Key and text of the minute file of one look at `location`, in the minute of `instant`. */
export function look(
  location: string,
  instant: Date,
  { macs = [], probe = 'box', meta = {} }: LookOptions = {},
): [key: string, text: string] {
  const minute = epochMinuteOf(instant)
  const day = localDayOf(instant, PARIS)
  // A folder may have any name; a key is made for those of rooms alone.
  const key = formatMinuteKey({ location: 'room', day, minute, probe })
  const text = encodeMinuteFile({ instant: instantOf(minute), macs, meta }, PARIS)
  return [key.replace('/room/', `/${location}/`), text]
}
