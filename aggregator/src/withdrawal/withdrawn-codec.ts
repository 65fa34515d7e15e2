/** What people withdrew, as one object in the store: gzipped JSON with a version. An unknown version is refused. */
import { gzipSync } from 'node:zlib'
import { epochMinuteOf, instantOf, LOCATION_PATTERN, PROBE_PATTERN } from '@presences/shared'
import { z } from 'zod'
import { decodeVersioned } from '../store/versioned-object.ts'
import type { Mergeable } from '../store/write-merged.ts'
import {
  includesWithdrawals,
  MOST_FACTS,
  MOST_LETTERS,
  mergeWithdrawals,
  type Withdrawals,
} from './withdrawals.ts'

/** What was withdrawn can't be known, or can't be kept. Nothing is charged until somebody has looked. */
export class WithdrawnError extends Error {
  override readonly name = 'WithdrawnError'
}

/** Beside the ledgers, and of their rank: it can't be made again. */
export const WITHDRAWN_KEY = 'ledger/withdrawn.json.gz'
const VERSION = 1
const MS_PER_MINUTE = 60_000

const text = z.string().min(1).max(MOST_LETTERS)
const minute = z.iso
  .datetime()
  .refine((instant) => Date.parse(instant) % MS_PER_MINUTE === 0)
  .transform((instant) => epochMinuteOf(new Date(instant)))
const said = { id: text, at: z.iso.datetime(), by: text, because: text }
const withdrawal = z
  .object({
    ...said,
    location: z.string().max(MOST_LETTERS).regex(LOCATION_PATTERN),
    probe: z.string().regex(PROBE_PATTERN).exactOptional(),
    from: minute,
    to: minute,
  })
  .refine(({ from, to }) => from < to)
const schema = z
  .object({
    version: z.literal(VERSION),
    withdrawn: z.array(withdrawal).max(MOST_FACTS),
    restored: z.array(z.object({ ...said, restores: text })).max(MOST_FACTS),
  })
  .refine(hasRoom)

/** Throws WithdrawnError where there are more facts than can be read again. */
export function encodeWithdrawals({ withdrawn, restored }: Withdrawals): Uint8Array {
  if (!hasRoom({ withdrawn, restored })) {
    throw new WithdrawnError(
      `Can't write ${WITHDRAWN_KEY}: it has ${MOST_FACTS} withdrawals and restorations already. Withdraw longer times at once, and ask for help.`,
    )
  }
  const json: z.input<typeof schema> = {
    version: VERSION,
    withdrawn: withdrawn.map((each) => ({
      ...each,
      from: instantOf(each.from).toISOString(),
      to: instantOf(each.to).toISOString(),
    })),
    restored: [...restored],
  }
  return gzipSync(JSON.stringify(json))
}

/** Throws WithdrawnError saying what is wrong and what to do. */
export function decodeWithdrawals(bytes: Uint8Array): Withdrawals {
  const { withdrawn, restored } = decodeVersioned(bytes, WITHDRAWN_KEY, {
    version: VERSION,
    schema,
    damaged: (cause) =>
      new WithdrawnError(
        `Can't use ${WITHDRAWN_KEY}: ${cause}. It says which evidence people took out of account, and can't be made again: nobody is charged from what may be withdrawn. Restore it from a copy (the bucket's versions), or ask for help.`,
      ),
    otherVersion: (message) => new WithdrawnError(message),
  })
  return { withdrawn, restored }
}

/** As something writers merge. */
export const mergeableWithdrawals: Mergeable<Withdrawals> = {
  encode: encodeWithdrawals,
  decode: decodeWithdrawals,
  merge: mergeWithdrawals,
  includes: includesWithdrawals,
}

function hasRoom({ withdrawn, restored }: { withdrawn: object; restored: object }): boolean {
  return [withdrawn, restored].flat().length <= MOST_FACTS
}
