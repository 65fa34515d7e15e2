/** A spool in a few numbers, for the doctor and whoever else tells people of it. */
import type * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMinute } from '@presences/shared'
import { blocks } from './budget.ts'
import { readSpoolContents, SHIPPED_FILE, type SpoolContents } from './contents.ts'

export interface SpoolSummary {
  /** Minute files that wait, packed ones too. */
  readonly waiting: number
  readonly packed: number
  /** The room on the disk of what waits. */
  readonly bytes: number
  readonly oldest: EpochMinute | undefined
  /** When something was last shipped; `undefined` when nothing was, or none knows. */
  readonly shipped: Date | undefined
  /** Those that wait in files of their own. */
  readonly minutes: readonly EpochMinute[]
}

/** Asks each file for its size. Throws when there is no folder. */
export async function readSpoolSummary(
  fs: Pick<typeof nodeFs, 'readdir' | 'stat'>,
  folder: string,
): Promise<SpoolSummary> {
  const contents = await readSpoolContents(fs, folder)
  let bytes = 0
  for (const path of pathsOf(contents)) {
    const stat = await fs.stat(join(folder, path)).catch(() => undefined)
    bytes += blocks(stat?.size ?? 0)
  }
  const shipped = await fs.stat(join(folder, SHIPPED_FILE)).catch(() => undefined)
  return summaryOf(contents, bytes, shipped?.mtime)
}

/** The numbers of what was listed. */
export function summaryOf(
  { minutes, packs }: Pick<SpoolContents, 'minutes' | 'packs'>,
  bytes: number,
  shipped: Date | undefined,
): SpoolSummary {
  const firsts = [...minutes.map(({ minute }) => minute), ...packs.map(({ first }) => first)]
  const packed = packs.reduce((sum, { count }) => sum + count, 0)
  // Not Math.min(...): there may be tens of thousands.
  const oldest = firsts.reduce<EpochMinute | undefined>(
    (least, minute) => (least !== undefined && least <= minute ? least : minute),
    undefined,
  )
  return {
    waiting: minutes.length + packed,
    packed,
    bytes,
    oldest,
    shipped,
    minutes: minutes.map(({ minute }) => minute),
  }
}

function pathsOf({ minutes, packs }: SpoolContents): string[] {
  return [...minutes.map(({ path }) => path), ...packs.map(({ file }) => file)]
}
