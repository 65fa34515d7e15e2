/** What somebody should be told of the probes, once each, and once when it is over. Pure. */
import type { Cause } from '../alerts/alerts.ts'
import { type LocationHealth, silentProbes } from './location-health.ts'
import { formatMinute } from './probe-lines.ts'

/** Below this the box's disk is nearly full: a week of a full spool still fits. */
const LOW_DISK_MB = 300

/** Silent locations, silent probes of locations that are heard, and disks that fill up. */
export function probeCauses(health: readonly LocationHealth[], timeZone: string): Cause[] {
  return health.flatMap((each) => [
    ...silence(each, timeZone),
    ...silences(each, timeZone),
    ...lowDisks(each),
  ])
}

/**
 * Whether an open cause would be found again: a probe nobody needs to hear tells nothing, so its silence is not over
 * because the evening has come.
 */
export function isProbeChecked(health: readonly LocationHealth[]): (key: string) => boolean {
  const checked = new Set<string>()
  for (const { location, state, probes } of health) {
    if (state === 'looking') checked.add(silenceKey(location))
    for (const { probe } of probes.filter((each) => each.state === 'looking')) {
      checked.add(probeSilenceKey(location, probe)).add(diskKey(location, probe))
    }
  }
  return (key) => checked.has(key)
}

function silence(health: LocationHealth, timeZone: string): Cause[] {
  const { location, state, lastMinute, ageMinutes } = health
  if (state !== 'silent' || lastMinute === undefined) return []
  const since = formatMinute(lastMinute, timeZone)
  return [
    {
      key: silenceKey(location),
      level: 'error',
      text:
        `Silent probe: ${location} has sent nothing since ${since} (${ageMinutes} minutes). Check that the box has power, that its network cable is plugged in at both ends, that the room has internet; then run presences-probe status on it. Minutes it keeps are sent when it is back. / ` +
        `Sonde muette : ${location} n'a rien envoyé depuis ${since} (${ageMinutes} minutes). Vérifier que le boîtier est alimenté, que son câble réseau est branché aux deux bouts, que la salle a internet ; puis y lancer presences-probe status. Les minutes qu'il garde partiront à son retour.`,
    },
  ]
}

/** A box that was taken away on purpose is told of once as well; it is forgotten after a week. */
function silences(health: LocationHealth, timeZone: string): Cause[] {
  const { location } = health
  return silentProbes(health).map(({ probe, lastMinute }) => {
    const since = formatMinute(lastMinute, timeZone)
    return {
      key: probeSilenceKey(location, probe),
      level: 'warning',
      text:
        `Silent box: ${location}/${probe} has sent nothing since ${since}, while another box of the room goes on. Check its power, its network cable, then presences-probe status on it. If it was taken away there is nothing to do: it is forgotten after 7 days. / ` +
        `Boîtier muet : ${location}/${probe} n'a rien envoyé depuis ${since}, alors qu'un autre boîtier de la salle continue. Vérifier son alimentation, son câble réseau, puis y lancer presences-probe status. S'il a été retiré il n'y a rien à faire : il est oublié après 7 jours.`,
    }
  })
}

function lowDisks({ location, state, probes }: LocationHealth): Cause[] {
  // The disk of a box that was taken away is nobody's concern.
  if (state === 'retired') return []
  return probes
    .filter(({ freeMb }) => freeMb !== undefined && freeMb < LOW_DISK_MB)
    .map(({ probe, freeMb }) => ({
      key: diskKey(location, probe),
      level: 'warning',
      text:
        `The disk of ${location}/${probe} is nearly full: ${freeMb} MB are free. Make room on it: see presences-probe doctor. / ` +
        `Le disque de ${location}/${probe} est presque plein : ${freeMb} Mo libres. Y faire de la place : voir presences-probe doctor.`,
    }))
}

function silenceKey(location: string): string {
  return `silent ${location}`
}

function probeSilenceKey(location: string, probe: string | undefined): string {
  return `silent-probe ${location} ${probe}`
}

function diskKey(location: string, probe: string | undefined): string {
  return `disk ${location} ${probe}`
}
