/** What an audit event says of devices given to a member, or taken away. */
import { type Mac, parseMac } from '@presences/shared'
import { z } from 'zod'
import type { DeviceEvent } from '../tickets.ts'

/** `faults`: in words, what could not be told; never a MAC. */
export interface DeviceChanges {
  readonly changes: readonly Pick<DeviceEvent, 'mac' | 'change'>[]
  readonly faults: readonly string[]
}

/** The fields of an event's context that name what the member had before, and has after. */
interface Fields {
  readonly before?: string
  readonly after?: string
}

/** The MACs of one field; `undefined` when the field can't be read at all. */
interface Macs {
  readonly macs: ReadonlySet<Mac> | undefined
  readonly faults: readonly string[]
}

const FIELDS = new Map<string, Fields>([
  ['MEMBER_DEVICE_ADD', { after: 'device' }],
  ['MEMBER_DEVICE_UPDATE', { before: 'previousDevice', after: 'device' }],
  ['MEMBER_DEVICE_REMOVE', { before: 'device' }],
  ['MEMBER_MAC_ADDRESSES_UPDATE', { before: 'previousMacAddresses', after: 'macAddresses' }],
])

/** The actions that this file understands. */
export const DEVICE_ACTIONS: readonly string[] = [...FIELDS.keys()]

/** A device: an object with its MAC under one of two names, or the MAC alone. */
const DEVICE = z.union([
  z.object({ macAddress: z.string() }).transform(({ macAddress }) => macAddress),
  z.object({ mac: z.string() }).transform(({ mac }) => mac),
  z.string(),
])
const CONTEXT = z.record(z.string(), z.unknown())

/**
 * The changes of one event: what was there before only was removed, what is there after only was added;
 * a device that was merely renamed did neither. An entry of a list that can't be read costs that entry; a
 * device or a list that can't be read, the event: what it is to be compared with says nothing alone.
 */
export function deviceChangesOf(action: string, context: unknown): DeviceChanges {
  const fields = FIELDS.get(action) ?? {}
  const before = macsIn(context, fields.before)
  const after = macsIn(context, fields.after)
  const faults = [...before.faults, ...after.faults]
  const { macs: had } = before
  const { macs: has } = after
  if (had === undefined || has === undefined) return { changes: [], faults }
  const removed = [...had].filter((mac) => !has.has(mac))
  const added = [...has].filter((mac) => !had.has(mac))
  return {
    changes: [
      ...removed.map((mac) => ({ mac, change: 'removed' as const })),
      ...added.map((mac) => ({ mac, change: 'added' as const })),
    ],
    faults,
  }
}

function macsIn(context: unknown, field: string | undefined): Macs {
  if (field === undefined) return { macs: new Set(), faults: [] }
  const value = CONTEXT.safeParse(context).data?.[field]
  if (!Array.isArray(value)) {
    const mac = macOf(value)
    if (mac !== undefined) return { macs: new Set([mac]), faults: [] }
    return { macs: undefined, faults: [`"${field}" names no MAC address`] }
  }
  const macs = value.map(macOf)
  return {
    macs: new Set(macs.filter((mac) => mac !== undefined)),
    faults: macs.flatMap((mac, index) =>
      mac === undefined ? [`"${field}" has no MAC address at position ${index + 1}`] : [],
    ),
  }
}

function macOf(device: unknown): Mac | undefined {
  return parseMac(DEVICE.safeParse(device).data?.trim() ?? '')
}
