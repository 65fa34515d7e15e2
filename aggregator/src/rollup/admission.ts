/**
 * How much of what lies in a room's folder of one day is read: decided from the listing, before a byte is fetched. A
 * box that fills its folder without end hurts its own room. Pure; the same listing gives the same decisions.
 */
import { type Limits, type MinuteFileName, tooLarge } from '@presences/shared'

/** Why an object is not read; `undefined` when it is. Asked once for each object, in the listing's order. */
export type Admit = (sizeBytes: number, name?: MinuteFileName) => string | undefined

const LOOK = 'it counts for nothing: look at what wrote it, and delete what is too much'

/** Admission to a day of which `probes` are known already: a new one never takes their place. */
export function admission(probes: Iterable<string>, limits: Limits): Admit {
  const known = new Set(probes)
  let bytes = 0
  return (sizeBytes, name) => {
    const most = mostBytesOf(name, limits)
    if (sizeBytes > most) return tooLarge(sizeBytes, most)
    if (name && !known.has(name.probe) && known.size >= limits.roomDayProbes) {
      return `there are ${known.size} other probes in this room on this day, and no more are read; ${LOOK}`
    }
    if (bytes + sizeBytes > limits.roomDayBytes) {
      return `what lies before it has ${bytes} bytes, and of one room and day no more than ${limits.roomDayBytes} are read; ${LOOK}`
    }
    bytes += sizeBytes
    if (name) known.add(name.probe)
    return undefined
  }
}

/** The most bytes of a minute file, or of an old day file, which has no name. */
export function mostBytesOf(name: MinuteFileName | undefined, limits: Limits): number {
  return name ? limits.minuteFileBytes : limits.dayFileBytes
}

/** Said of a folder whose objects after `last` are not looked at. */
export function tooMany(last: string, { roomDayKeys }: Limits): string {
  return `it has more than ${roomDayKeys} objects, and those after ${last} count for nothing: look at what wrote them, and delete what is too much`
}
