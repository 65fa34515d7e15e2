/** Whether a charge was caught up for the cause it names. */
import type { StoredEntry } from '../bucket/stored-objects.ts'
import { hasLateDevice, isOf, notLost, type Told, wasLeftToNights } from './told.ts'

/** Of two entries of one instant either may be the first: one order in which the cause is right will do. */
export function wrongCause(cause: string, told: Told): string | undefined {
  const { entry, ledger } = told
  const others = ledger.entries.filter(
    (each) => isOf(each, told) && each.at <= entry.at && each.run.id !== entry.run.id,
  )
  const before = others.findLast(({ at }) => at < entry.at)
  const wrong = wrongAfter(cause, before, told)
  return wrong && others.at(-1) !== before ? wrongAfter(cause, others.at(-1), told) : wrong
}

function wrongAfter(cause: string, last: StoredEntry | undefined, told: Told): string | undefined {
  const { entry, ledger } = told
  if (cause === 'the post had been refused')
    return last?.outcome === 'refused' ? undefined : 'it had not'
  if (cause === 'the post had failed') return notLost(told)
  if (cause === 'reopened by Paul: came back')
    return last?.decision === 'reopen' ? undefined : 'nobody had'
  if (cause === 'no run had charged this day yet') {
    const isFirst = ledger.entries.every(({ at }) => at >= entry.at)
    return isFirst ? undefined : 'one had looked at it'
  }
  if (cause === 'a device was registered late') return hasLateDevice(told) ? undefined : 'none was'
  if (cause === 'the ticket server could not be asked before') {
    const isHeld = last?.decision === 'hold' && !isNews(told, last)
    return isHeld ? undefined : 'it had not been held for that'
  }
  if (cause === 'asked for by a person') {
    const waited = last?.decision === 'skip' && !isNews(told, last)
    return waited && wasLeftToNights(entry, told) ? undefined : 'nobody had'
  }
  if (cause !== 'files arrived late') return 'nobody knows this cause'
  // Whose they were may be known only now.
  if (told.world.forgotten.length > 0) return undefined
  return isNews(told, last) || isNewsOfDevice(told, last) ? undefined : 'none had'
}

/** A slot that the last entry had not, or somebody seen whom no entry had. */
function isNews({ entry }: Told, last: StoredEntry | undefined): boolean {
  if (!last) return true
  const known = new Set(last.evidence.slots)
  return entry.evidence.slots.some((slot) => !known.has(slot))
}

/** A device seen where it was not: in those slots the last entry may have had another one, which waits for a replay. */
function isNewsOfDevice({ entry }: Told, last: StoredEntry | undefined): boolean {
  return entry.evidence.devices.some(({ mac, location, slots }) => {
    const same = last?.evidence.devices.find(
      (each) => each.mac === mac && each.location === location,
    )
    return slots.some((slot) => !same?.slots.includes(slot))
  })
}
