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
    to: "if (lowerCause === 'less data') return post('sent again: the answer to the last post was lost')\n  if (!LEGITIMATE.has(lowerCause)) {",
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
    to: "if (person && person.value !== computed) return post('sent again: the answer to the last post was lost')",
  },
  {
    name: 'halves-after-lost-answers',
    what: 'charges again, another amount, after a 500 that had stored',
    file: 'charging/settle-day.ts',
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
    file: 'charging/replay.ts',
    from: 'planRead(day, refreshed, owners, deps, only)',
    to: 'planRead(day, refreshed, new Map([[mac, owned]]), deps, only)',
  },
  {
    name: 'plain-plus',
    what: 'sends e-mails as they are: a + arrives as a space',
    file: 'tickets/http/ticket-request.ts',
    from: 'body: new URLSearchParams(request.form)',
    to: "body: Object.entries(request.form).map((pair) => pair.join('=')).join('&')",
  },
  {
    name: 'more-than-thirty',
    what: 'wants 31 slots for a whole day',
    file: 'domain/rule.ts',
    from: 'if (slots >= rule.fullDaySlots) return 1',
    to: 'if (slots > rule.fullDaySlots) return 1',
  },
  {
    name: 'one-room',
    what: 'counts one room only',
    file: 'charging/read-day.ts',
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
  {
    name: 'ignores-the-lease',
    what: 'charges while another run does',
    file: 'ledger/lease.ts',
    from: 'return isFree ? undefined : held',
    to: 'return isFree || held ? undefined : held',
  },
  {
    name: 'posts-before-writing',
    what: 'posts what it has not yet written down that it means to',
    file: 'charging/settle-day.ts',
    from: 'const stored = await write({ ...plan.ledger, value: intended }, deps, writeIntentions)',
    to: 'const stored = { ...plan.ledger, value: intended }',
  },
  {
    name: 'takes-refused-for-stored',
    what: 'takes a post that was refused, or not tried, for done',
    file: 'charging/settle-day.ts',
    from: "outcome: error.kind === 'refused' ? 'refused' : 'unknown',",
    to: "outcome: error.kind === 'refused' ? 'posted' : 'unknown',",
  },
  {
    name: 'stops-at-first-failure',
    what: 'gives up catching up at the first day that can not be read',
    file: 'charging/catch-up.ts',
    from: '      if (!(error instanceof DayUnreadable)) throw error\n      unreadable.push(error)',
    to: '      throw error',
  },
  {
    name: 'takes-holds-for-done',
    what: 'says that all is done while amounts wait for what could not be asked',
    file: 'nightly/summary.ts',
    from: 'unreadableDays + heldToRetry +',
    to: 'unreadableDays +',
  },
  {
    name: 'keeps-first-correction',
    what: 'of two corrections of one day the first counts',
    file: 'charging/plan-day.ts',
    from: 'audit?.corrections.findLast(',
    to: 'audit?.corrections.find(',
  },
  {
    name: 'posts-under-old-email',
    what: 'posts under the e-mail that the first entry has',
    file: 'charging/settle-day.ts',
    from: 'const presence = { email: member.email, day',
    to: 'const presence = { email: member.history[0]?.email ?? member.email, day',
  },
  {
    name: 'tells-no-coverage',
    what: 'does not write down how the day was looked at',
    file: 'charging/settle-day.ts',
    from: 'const looked = { coverage: plan.coverage,',
    to: 'const looked = { coverage: [],',
  },
  {
    name: 'replays-unasked',
    what: 'charges late registrations at night, though nobody asked for a replay',
    file: 'charging/catch-up.ts',
    from: 'planFor(ownersOn(day, lateFrom), whole',
    to: 'planFor(ownersOn(day), whole',
  },
  {
    name: 'posts-without-audit',
    what: 'posts over what the server has while nobody can tell who set it',
    file: 'ledger/decide.ts',
    from: "if (!isAuditRead && (isOld || last !== 'none')) {",
    to: 'if (!isAuditRead && isOld) {',
  },
  {
    name: 'posts-previews',
    what: 'a preview posts',
    file: 'charging/charging.ts',
    from: 'tickets: asked.dryRun ? createDryRunTickets(tickets) : tickets,',
    to: 'tickets,',
  },
  {
    name: 'keeps-cut-files',
    what: 'never reads a file again that was cut short and is whole by now',
    file: 'rollup/day-rollup.ts',
    from: 'if (faults !== undefined) return faults.etag === etag',
    to: 'if (faults !== undefined) return true',
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
  {
    name: 'imports-nothing',
    what: 'knows nothing of who had a device before the first run',
    file: 'members/import-audit.ts',
    from: 'return isNews ? { ...history, intervals } : history',
    to: 'return isNews ? history : history',
  },
  {
    name: 'torn-minutes',
    what: 'names a minute file before it is on the disk',
    file: 'probe/src/spool/durable-write.ts',
    from: 'await file.sync()',
    to: '',
  },
  {
    name: 'unsafe-names',
    what: 'tells a minute as written before its name is on the disk',
    file: 'probe/src/spool/folder-spool.ts',
    from: "await waitForDisk(fs, dirname(target))\n        return 'written'",
    to: "return 'written'",
  },
  {
    name: 'forgets-recorded-minutes',
    what: 'records a minute anew that is shipped already',
    file: 'probe/src/spool/recorded-minutes.ts',
    from: 'const records = recordsOf(path)\n  const file',
    to: 'if (path) return true\n  const records = recordsOf(path)\n  const file',
  },
  {
    name: 'days-of-utc',
    what: 'puts minutes in the folder of the day of UTC',
    file: 'probe/src/record/record-minute.ts',
    from: 'localDayOf(begun, deps.timeZone)',
    to: "localDayOf(begun, 'UTC')",
  },
  {
    name: 'empty-when-blind',
    what: 'says that nobody was there when it could not look',
    file: 'probe/src/record/record-minute.ts',
    from: 'looks.every((look) => look.failure))',
    to: 'looks.every((look) => look.failure) && deps.location === undefined)',
  },
  {
    name: 'holes-for-half-a-look',
    what: 'throws away what one network showed when another could not be looked at',
    file: 'probe/src/record/record-minute.ts',
    from: 'macs.size === 0 && looks.every(',
    to: 'looks.some(',
  },
  {
    name: 'whole-for-half-a-look',
    what: 'takes a scan of one network for one of all',
    file: 'rollup/day-rollup.ts',
    from: 'if (meta.has(PARTIAL_KEY))',
    to: 'if (meta.has(PARTIAL_KEY) && minute < 0)',
  },
  {
    name: 'forgets-packs',
    what: 'ships nothing of what it had packed',
    file: 'probe/src/ship/send-waiting.ts',
    from: 'await unpackAll(portion.packs)',
    to: 'await unpackAll([])',
  },
  {
    name: 'rounds-minutes',
    what: 'keeps the slots of a device, and not its minutes',
    file: 'rollup/day-rollup.ts',
    from: 'addMinute(deviceMinutes(rollup, mac), elapsed)',
    to: 'addMinute(deviceMinutes(rollup, mac), elapsed - (elapsed % 10))',
  },
  {
    name: 'charges-the-space',
    what: "charges the space's own devices",
    file: 'members/member-map.ts',
    from: 'if (claims.every(',
    to: 'if (claims.length < 0 && claims.every(',
  },
  {
    name: 'looks-every-other-minute',
    what: 'records nothing in odd minutes',
    file: 'probe/src/record/record-minute.ts',
    from: 'if (!clock.isRight) return',
    to: 'if (!clock.isRight || begun.getUTCMinutes() % 2 === 1) return',
  },
  {
    name: 'forgets-claims',
    what: 'throws away a minute that a killed scan had claimed',
    file: 'probe/src/spool/folder-spool.ts',
    from: 'if (path !== undefined) await name(temporary, path)',
    to: '',
  },
  {
    name: 'proposes-nothing',
    what: 'tells nobody of devices that were registered late',
    file: 'aggregator/src/charging/proposals.ts',
    from: 'if (macs.size === 0) return []',
    to: 'if (macs.size >= 0) return []',
  },
  {
    name: 'tells-twice-the-slots',
    what: 'tells twice the slots of a device that is replayed, and charges rightly',
    file: 'aggregator/src/charging/replay.ts',
    from: 'slots: slotsOf(minutes, table).length,',
    to: 'slots: slotsOf(minutes, table).length * 2,',
  },
  {
    name: 'records-at-any-time',
    what: 'records minutes while the clock is not known to be right',
    file: 'probe/src/record/record-minute.ts',
    from: 'if (!clock.isRight) return',
    to: 'if (!clock.isRight && deps.location === undefined) return',
  },
  {
    name: 'believes-old-marks',
    what: 'takes a mark of before the clock was set for one of after',
    file: 'probe/src/clock/clock.ts',
    from: '(memory?.isMarkStale === true && markMs !== memory.markMs)',
    to: 'markMs !== memory?.markMs',
  },
  {
    name: 'forgets-open-days',
    what: 'looks at no day that was left undone once it is older than the days to catch up',
    file: 'aggregator/src/charging/upload.ts',
    from: 'new Set([...openDays, ...last])',
    to: 'new Set([...openDays.slice(openDays.length), ...last])',
  },
  {
    name: 'forgets-last-run',
    what: 'looks at the days to catch up only, however long no night has run',
    file: 'aggregator/src/charging/upload.ts',
    from: 'lastRun !== undefined && lastRun < today',
    to: 'lastRun !== undefined && lastRun > today',
  },
  {
    name: 'blind-after-a-step',
    what: 'records nothing more once the clock was set by whatever synchronises it',
    file: 'probe/src/clock/clock.ts',
    from: 'if (answer.isSynchronized || hasMark) return',
    to: 'if (judged.stepMs === undefined && (answer.isSynchronized || hasMark)) return',
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
