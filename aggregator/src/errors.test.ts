/** What each failure is to who asked: rare ones, too. */
import { ConfigError, ExitCode, type LocalDay } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import { BadPeriod } from './arguments/period.ts'
import { UsageError } from './arguments/usage-error.ts'
import { DayUnreadable } from './charging/read-day.ts'
import { exitCodeOf, failureOf } from './errors.ts'
import { LeaseError } from './ledger/lease.ts'
import { LedgerError } from './ledger/ledger-codec.ts'
import { HistoryError } from './members/history-codec.ts'
import { MemberMapRefused } from './members/member-map.ts'
import { RollupError } from './rollup/rollup-codec.ts'
import { StoreError } from './store/store.ts'
import { TicketsError } from './tickets/tickets.ts'

const day = '2026-11-20' as LocalDay

describe('what people can mend is told as it is', () => {
  test.each([
    [new ConfigError(['PORT: must be a port number']), 400, ExitCode.usage],
    [new UsageError('u'), 400, ExitCode.usage],
    [new BadPeriod('p'), 400, ExitCode.usage],
    [new StoreError('s'), 502, ExitCode.unable],
    [new TicketsError('refused', 't'), 502, ExitCode.unable],
    [new TicketsError('unreachable', 't'), 502, ExitCode.unable],
    [new MemberMapRefused('m'), 502, ExitCode.unable],
    [new DayUnreadable(day, new StoreError('d')), 502, ExitCode.unable],
    [new RollupError('r'), 502, ExitCode.unable],
    [new LedgerError('l'), 502, ExitCode.unable],
    [new LeaseError('e'), 502, ExitCode.unable],
    [new HistoryError('h'), 502, ExitCode.unable],
  ])('%s: %i', (error, status, code) => {
    const { message } = error
    expect(failureOf(error)).toEqual({ status, message, detail: message })
    expect(exitCodeOf(error)).toBe(code)
  })
})

test.each([
  ['a fault', new TypeError('x.y is not a function'), /^TypeError: x\.y is not a function\n +at /],
  ['what is no error', 'thrown text', /^Error: thrown text\n +at /],
])('%s of the program itself is for its log, not for clients', (_, error, detail) => {
  expect(failureOf(error)).toEqual({
    status: 500,
    message: 'A fault of the service itself: see its log',
    detail: expect.stringMatching(detail),
  })
  expect(exitCodeOf(error)).toBe(ExitCode.unable)
})
