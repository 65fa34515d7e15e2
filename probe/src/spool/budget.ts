/**
 * How much may wait in the spool. Nothing that was recorded is ever removed to make room: an old day is as
 * much a member's day as a new one. So when the budget is used up new minutes are refused, and said so; they are
 * holes that everybody can see. The closed hours, which count for nobody, are refused first, so that the last tenth is
 * left to opening hours. It mends itself as soon as something is shipped, or packed.
 */
import type * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import { parseRawKey, RAW_PREFIX } from '@presences/shared'
import { isOpeningMinute } from './opening-hours.ts'
import { parsePackName } from './pack-name.ts'
import { type Spool, SpoolError } from './spool.ts'

export interface SpoolBudget {
  readonly folder: string
  readonly maxBytes: number
  readonly timeZone: string
}

type BudgetFs = Pick<typeof nodeFs, 'readdir' | 'stat'>

/** A spool that takes a minute file while there is room in its budget. Its `add` throws SpoolError when there is none. */
export function budgetedSpool(spool: Spool, budget: SpoolBudget, fs: BudgetFs): Spool {
  return {
    async add(path, text) {
      const bytes = await spoolBytes(fs, budget.folder, text.length)
      const left = roomFor(path, budget) - bytes
      if (left < blocks(text.length)) throw new SpoolError(refusal(path, bytes, budget))
      return spool.add(path, text)
    },
  }
}

/** How many bytes may wait for the file of `path` to be taken. */
export function roomFor(path: string, { maxBytes, timeZone }: SpoolBudget): number {
  const key = parseRawKey(RAW_PREFIX + path)
  const isOpen = key?.kind !== 'minute' || isOpeningMinute(key.minute, timeZone)
  return isOpen ? maxBytes : maxBytes * CLOSED_HOURS_SHARE
}

/**
 * The room on the disk of what waits, packed or not. Files are counted, not asked for their sizes (a scan pays for
 * this each minute): each is taken to be of `fileBytes`.
 */
export async function spoolBytes(fs: BudgetFs, folder: string, fileBytes: number): Promise<number> {
  let files = 0
  let bytes = 0
  for (const name of await namesIn(fs, folder)) {
    if (parsePackName(name)) {
      const stat = await fs.stat(join(folder, name)).catch(() => undefined)
      bytes += blocks(stat?.size ?? 0)
    }
    if (name.startsWith('.')) continue
    for (const day of await namesIn(fs, join(folder, name))) {
      files += (await namesIn(fs, join(folder, name, day))).length
    }
  }
  return bytes + files * blocks(fileBytes)
}

/** The part of the budget after which minutes outside opening hours are refused. */
export const CLOSED_HOURS_SHARE = 0.9
/** What ext4, and most others, hand out room in. */
const BLOCK_BYTES = 4096

/** The room a file of so many bytes takes. */
export function blocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES
}

/** None where there is no folder: a scan will make it, or say why not. */
async function namesIn(fs: BudgetFs, folder: string): Promise<string[]> {
  return fs.readdir(folder).catch(() => [])
}

function refusal(path: string, bytes: number, { folder, maxBytes }: SpoolBudget): string {
  const megabytes = (value: number) => Math.round(value / 1e6)
  return `Can't record ${join(folder, path)}: ${megabytes(bytes)} MB wait to be shipped, of the ${megabytes(maxBytes)} MB that PROBE_SPOOL_MAX_MB allows (a tenth is kept for opening hours); they are kept, this minute is lost. To do: see what holds up shipping (presences-probe doctor), or raise PROBE_SPOOL_MAX_MB`
}
