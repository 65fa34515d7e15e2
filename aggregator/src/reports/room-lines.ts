/** Folders that charge nobody, for people: a line each, a few of them at most, for whoever may write makes thousands. Pure. */
import { oneLine } from '@presences/shared'
import type { Strangers } from '../rooms/rooms.ts'

const NAMED = 5
const NAME_LENGTH = 80

/** One line for each room that waits, with the next step, and one for the folders that are none. */
export function strangerLines(strangers: Strangers): string[] {
  return [...waitingLines(strangers), ...ignoredLines(strangers)]
}

/** One line for each room that waits. */
export function waitingLines({ waiting }: Strangers): string[] {
  const lines = waiting.slice(0, NAMED).map(waitingLine)
  const more = waiting.length - lines.length
  return more > 0
    ? [...lines, `${more} more new rooms wait: presences-aggregator locations`]
    : lines
}

/** One line for a room that waits. */
export function waitingLine(location: string): string {
  return (
    `New room ${location}: nobody is charged for it until it is accepted: presences-aggregator locations accept ${location}. If it is none of yours, somebody has a box's key: infra/cloud/README.md / ` +
    `Nouvelle salle ${location} : personne n'est débité pour elle tant qu'elle n'est pas acceptée : presences-aggregator locations accept ${location}. Si elle n'est pas à vous, quelqu'un a la clé d'un boîtier : infra/cloud/README.md`
  )
}

/** One line for all folders that are no rooms. */
export function ignoredLines({ ignored }: Strangers): string[] {
  if (ignored.length === 0) return []
  const named = ignored.slice(0, NAMED).map((name) => JSON.stringify(oneLine(name, NAME_LENGTH)))
  const more = ignored.length > named.length ? ', …' : ''
  return [
    `${ignored.length} folders in the bucket ignored: no room is called so (1 to 64 of a-z, 0-9 and -): ${named.join(', ')}${more}`,
  ]
}
