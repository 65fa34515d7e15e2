/** What the aggregator says of probes, from the `#` lines of their last files: a probe may write anything there. */
import { DEFAULT_RULE } from '@presences/aggregator/domain/rule.ts'
import { healthOf } from '@presences/aggregator/probes/location-health.ts'
import { probeLines } from '@presences/aggregator/probes/probe-lines.ts'
import { readLocations } from '@presences/aggregator/probes/read-locations.ts'
import { must, mustBeLoggable, READ, type Target } from '../engine/target.ts'
import { storeOf } from './store-in-memory.ts'

const NOW = new Date('2026-11-22T07:14:00Z')
const KEY = 'presences/poulailler/2026-11-22/20261122T0712Z-box.tsv'

const probeNotes: Target = {
  name: 'notes of a probe',
  reader: 'aggregator/src/probes/read-locations.ts',
  seeds: ['# devices=0 version=1.2.3 scanner=arp-scan free_mb=4321\n', '# version=1%0A2\n'],
  words: ['version=', 'free_mb=', '%0A', '%00', 'Infinity'],
  share: 8,
  async read(input) {
    const timeZone = 'Europe/Paris'
    const store = storeOf({ [KEY]: input })
    const [seen] = await readLocations(['poulailler'], store, NOW, timeZone, async () => [])
    must(seen?.probes.length === 1, 'a probe that sent a file is seen')
    const { openingHours } = DEFAULT_RULE
    const health = healthOf(seen, NOW, { timeZone, openingHours, silentMinutes: 15 })
    for (const { freeMb } of seen.probes) {
      must(freeMb === undefined || Number.isSafeInteger(freeMb), 'free space is a whole number')
    }
    const month = { looked: 1, open: 1 }
    for (const line of probeLines([{ ...health, month }], timeZone)) mustBeLoggable(line)
    return seen.probes[0]?.version === undefined ? ['no version'] : READ
  },
}

export const PROBES_TARGETS = [probeNotes]
