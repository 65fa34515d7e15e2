/**
 * A room's day without what was withdrawn of it. Pure; a rollup that is given stays as it is. What counts is the minute
 * in which something was seen, as its own line says, whatever the name of the file.
 */
import { type DayWindow, parseRawKey } from '@presences/shared'
import { type DayRollup, emptyRollup } from '../rollup/day-rollup.ts'
import { addMinute, emptyMinutes, type MinuteSet } from '../rollup/minute-set.ts'
import type { Extent } from './withdrawals.ts'

/** The minutes of a day that any of `extents` is about. */
export function minutesOf(extents: readonly Extent[], window: DayWindow): MinuteSet {
  const { start, minutes } = window
  const found = emptyMinutes(minutes)
  for (const { from, to } of extents) {
    const last = Math.min(minutes, to - start)
    for (let minute = Math.max(0, from - start); minute < last; minute += 1)
      addMinute(found, minute)
  }
  return found
}

/**
 * `rollup` without what was seen in `unseen`, of all its probes, and without what `extents` say that a probe looked at,
 * or all of them where they name none.
 */
export function withoutMinutes(
  rollup: DayRollup,
  unseen: MinuteSet,
  extents: readonly Extent[],
): DayRollup {
  const masked = emptyRollup(rollup.location, rollup.window)
  for (const [mac, minutes] of rollup.devices) addDevice(masked, mac, minus(minutes, unseen))
  for (const [id, { looked, partial }] of rollup.probes) {
    const hidden = minutesOf(ofProbe(extents, id), rollup.window)
    // One that is left with nothing stays: it is known that nothing of it counts.
    masked.probes.set(id, { looked: minus(looked, hidden), partial: minus(partial, hidden) })
  }
  for (const [key, faults] of rollup.faults) {
    if (!isWithdrawnFile(key, extents)) masked.faults.set(key, faults)
  }
  masked.dayFile = rollup.dayFile
  return masked
}

/** Adds what was seen of a device; one that was not seen at all is left out. */
export function addDevice(rollup: DayRollup, mac: number, minutes: MinuteSet): void {
  if (minutes.some((bits) => bits !== 0)) rollup.devices.set(mac, minutes)
}

/** Those that are about a probe: its own, and those about its whole location. */
export function ofProbe(extents: readonly Extent[], id: string): readonly Extent[] {
  return extents.filter(({ probe }) => probe === undefined || probe === id)
}

/** True for a minute file of a minute that was withdrawn. */
export function isWithdrawnFile(key: string, extents: readonly Extent[]): boolean {
  const name = parseRawKey(key)
  if (name?.kind !== 'minute') return false
  return ofProbe(extents, name.probe).some(
    ({ from, to }) => name.minute >= from && name.minute < to,
  )
}

export function minus(minutes: MinuteSet, hidden: MinuteSet): MinuteSet {
  return minutes.map((bits, byte) => bits & ~(hidden[byte] ?? 0))
}

export function within(minutes: MinuteSet, shown: MinuteSet): MinuteSet {
  return minutes.map((bits, byte) => bits & (shown[byte] ?? 0))
}
