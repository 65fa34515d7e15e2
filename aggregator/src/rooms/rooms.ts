/**
 * Which rooms count. A box's key may write more than its own folder, so that a folder is not evidence by being there: a
 * room is one that the configuration lists, that had files when the ledger began, or that a person accepted. Pure.
 */
import { LOCATION_PATTERN } from '@presences/shared'
import { z } from 'zod'

/** What is kept of the rooms. */
export interface RoomBook {
  /** Those that had files when the ledger began; `undefined`: it has not, or this is not known any more. */
  readonly begun: readonly string[] | undefined
  /** In the order of their names, each once. */
  readonly accepted: readonly Accepted[]
}

/** Somebody said that a room is one of the space's. */
export interface Accepted {
  readonly location: string
  readonly by: string
  /** An instant as ISO 8601. */
  readonly at: string
}

/** Folders that charge nobody. */
export interface Strangers {
  /** Rooms that nobody has accepted yet. */
  readonly waiting: readonly string[]
  /** Names that are no location's. */
  readonly ignored: readonly string[]
}

/** All folders, in order, by what they count for. */
export interface Rooms extends Strangers {
  readonly known: readonly string[]
}

export const EMPTY_BOOK: RoomBook = { begun: undefined, accepted: [] }

const location = z.string().regex(LOCATION_PATTERN)
/** As it is stored. */
export const roomBookSchema = z.object({
  version: z.literal(1),
  begun: z.array(location).exactOptional(),
  accepted: z.array(z.object({ location, by: z.string(), at: z.iso.datetime() })),
})

/** Sorts folders into rooms that are known, that wait, and names that are none. */
export function sortRooms(
  {
    locations,
    ignored,
  }: { readonly locations: readonly string[]; readonly ignored: readonly string[] },
  known: ReadonlySet<string>,
): Rooms {
  return {
    known: locations.filter((each) => known.has(each)),
    waiting: locations.filter((each) => !known.has(each)),
    ignored,
  }
}

/** What both know; of two who accepted the same room, the first did. */
export function mergeBooks(a: RoomBook, b: RoomBook): RoomBook {
  const accepted = new Map<string, Accepted>()
  for (const each of [...a.accepted, ...b.accepted]) {
    const other = accepted.get(each.location)
    if (!other || orderOf(each) < orderOf(other)) accepted.set(each.location, each)
  }
  return {
    begun: a.begun && b.begun ? inOrder([...a.begun, ...b.begun]) : (a.begun ?? b.begun),
    accepted: [...accepted.values()].sort((x, y) => (x.location < y.location ? -1 : 1)),
  }
}

/** True when `whole` knows all that `part` does. */
export function includesBook(whole: RoomBook, part: RoomBook): boolean {
  const begun = new Set(whole.begun)
  const accepted = new Set(whole.accepted.map((each) => each.location))
  return (
    (whole.begun !== undefined || part.begun === undefined) &&
    (part.begun ?? []).every((each) => begun.has(each)) &&
    part.accepted.every((each) => accepted.has(each.location))
  )
}

function orderOf({ at, by }: Accepted): string {
  return `${at} ${by}`
}

function inOrder(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
