/** Who was there in which slots, by the rule and the clock, broken. */
import type { Mutant } from './mutant.ts'

export const PRESENCE: readonly Mutant[] = [
  {
    name: 'counts-utc-hours',
    what: 'takes the opening hours for hours of UTC',
    file: 'presence/slots.ts',
    from: 'clockMinutes(window, timeZone)',
    to: "clockMinutes(window, 'UTC')",
  },
  {
    name: 'drops-zeros',
    what: 'counts no address with 0, any character, 0 in it, as the old scripts did',
    file: 'presence/presences.ts',
    from: "if (!known || owner.kind === 'excluded') continue",
    to: "if (!known || owner.kind === 'excluded' || /0.0/.test(known.mac)) continue",
  },
  {
    name: 'more-than-thirty',
    what: 'wants 31 slots for a whole day',
    file: 'domain/rule.ts',
    from: 'if (slots >= rule.fullDaySlots) return 1',
    to: 'if (slots > rule.fullDaySlots) return 1',
  },
  {
    name: 'stands-still-on-clock-change',
    what: 'takes every day for one on which clocks do not change',
    file: 'shared/src/local-day.ts',
    from: 'table[elapsed] = modulo(local + elapsed - from, MINUTES_PER_DAY)',
    to: 'table[elapsed] = modulo(elapsed + 0 * local, MINUTES_PER_DAY)',
  },
  {
    name: 'days-of-24-hours',
    what: 'takes every day for 24 hours long',
    file: 'shared/src/local-day.ts',
    from: 'minutes: firstMinute(addDays(day, 1), timeZone) - start }',
    to: 'minutes: MINUTES_PER_DAY }',
  },
  {
    name: 'counts-after-closing',
    what: 'counts ten minutes after closing',
    file: 'presence/slots.ts',
    from: 'clock > lastMinute ?',
    to: 'clock > lastMinute + 10 ?',
  },
  {
    name: 'counts-each-device',
    what: 'counts a slot once for each device',
    file: 'presence/presences.ts',
    from: 'const slots = [...new Set(devices.flatMap((device) => device.slots))].sort((a, b) => a - b)',
    to: 'const slots = devices.flatMap((device) => device.slots).sort((a, b) => a - b)',
  },
]
