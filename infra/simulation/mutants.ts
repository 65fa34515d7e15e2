/**
 * The programs, broken on purpose where such systems go wrong. Each is a change of source text made while it
 * is loaded: production code carries no trace of it, and a mutant whose place is gone says so.
 */
import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

export interface Mutant {
  readonly name: string
  /** What it gets wrong, in words. */
  readonly what: string
  /** The end of the file's path. */
  readonly file: string
  readonly from: string
  readonly to: string
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'forgets-failed-posts',
    what: 'takes a post without an answer for done',
    file: 'ledger/ledger.ts',
    from: "isCertain: entry.outcome === 'posted' }",
    to: 'isCertain: true }',
  },
  {
    name: 'todays-owners',
    what: "charges the past to the devices' present owners",
    file: 'members/owners-on.ts',
    from: 'ownerOn(history, mac, day)',
    to: "ownerOn(history, mac, '9999-12-31' as LocalDay)",
  },
  {
    name: 'lowers-on-missing-data',
    what: 'posts less when there is less data than before',
    file: 'ledger/decide.ts',
    from: 'if (!LEGITIMATE.has(lowerCause)) {',
    to: "if (lowerCause === 'less data') return post('less')\n  if (!LEGITIMATE.has(lowerCause)) {",
  },
  {
    name: 'counts-utc-hours',
    what: 'takes the opening hours for hours of UTC',
    file: 'presence/slots.ts',
    from: 'clockMinutes(window, timeZone)',
    to: "clockMinutes(window, 'UTC')",
  },
  {
    name: 'takes-501-for-written',
    what: 'loses a conditional write that the server does not know',
    file: 'store/write-merged.ts',
    from: "const isConditional = put.outcome !== 'unsupported'",
    to: "const isConditional = true; if (put.outcome === 'unsupported') return { value: mine, etag: known }",
  },
  {
    name: 'posts-over-corrections',
    what: 'knows better than the person who corrected a day',
    file: 'ledger/decide.ts',
    from: 'if (person) return decideBesidePerson(computed, person)',
    to: "if (person && person.value !== computed) return post('seen so')",
  },
  {
    name: 'halves-after-lost-answers',
    what: 'charges again, another amount, after a 500 that had stored',
    file: 'src/settle-day.ts',
    from: 'amount: member.computed }',
    to: "amount: typeof member.last === 'object' && !member.last.isCertain ? 0.5 : member.computed } as Presence",
  },
  {
    name: 'trusts-cut-files',
    what: 'takes a file that was cut short for whole',
    file: 'rollup/day-rollup.ts',
    from: 'const cut = isCut(meta, sightings) || (!isEmpty && object.bytes.at(-1) !== LINE_FEED)',
    to: 'const cut = isCut(new Map(), sightings)',
  },
  {
    name: 'forgets-late-files',
    what: 'never looks again at a day it has a rollup of',
    file: 'rollup/refresh-rollup.ts',
    from: '= await findMissing(stored.rollup, store)',
    to: '= stored.etag ? { missing: [], strangers: [] } : await findMissing(stored.rollup, store)',
  },
  {
    name: 'accepts-halved-maps',
    what: 'takes a member map that lost most of its rows',
    file: 'members/observe-map.ts',
    from: 'if (!acceptShrunk) refuseShrunk(history, owners)',
    to: 'if (acceptShrunk === undefined) refuseShrunk(history, owners)',
  },
  {
    name: 'drops-zeros',
    what: 'counts no address with 0, any character, 0 in it, as the old scripts did',
    file: 'presence/presences.ts',
    from: 'if (!known) {',
    to: 'if (!known || /0.0/.test(known.mac)) {',
  },
  {
    name: 'replays-one-device',
    what: 'replays a day from the replayed device alone, as the old scripts did',
    file: 'src/replay.ts',
    from: 'planRead(day, refreshed, owners, deps, only)',
    to: 'planRead(day, refreshed, new Map([[mac, owned]]), deps, only)',
  },
  {
    name: 'plain-plus',
    what: 'sends e-mails as they are: a + arrives as a space',
    file: 'tickets/ticket-request.ts',
    from: 'body: new URLSearchParams(request.form)',
    to: "body: Object.entries(request.form).map((pair) => pair.join('=')).join('&')",
  },
  {
    name: 'more-than-thirty',
    what: 'wants 31 slots for a whole day',
    file: 'presence/rule.ts',
    from: 'if (slots >= rule.fullDaySlots) return 1',
    to: 'if (slots > rule.fullDaySlots) return 1',
  },
  {
    name: 'one-room',
    what: 'counts one room only',
    file: 'src/read-day.ts',
    from: 'pMap(locations, (location)',
    to: 'pMap(locations.slice(0, 1), (location)',
  },
  {
    name: 'forgets-renames',
    what: 'takes a member whose e-mail changed for somebody else',
    file: 'members/member-renames.ts',
    from: 'return found\n    .filter(',
    to: 'return found.slice(0, 0)\n    .filter(',
  },
]

/** Changes the mutant's file on its way into the bundle. */
export function mutating({ name, file, from, to }: Mutant): Plugin {
  return {
    name: `mutant ${name}`,
    setup(build) {
      build.onLoad({ filter: new RegExp(`${file.replaceAll('.', '\\.')}$`) }, async ({ path }) => {
        const source = await readFile(path, 'utf8')
        if (source.split(from).length !== 2) {
          throw new Error(`Mutant ${name} does not fit ${file}: correct mutants.ts`)
        }
        return { contents: source.replace(from, () => to), loader: 'ts' }
      })
    },
  }
}
