/** Whom a run asks about after its posts, and what it makes of the answer; what it then does, `corrections.test.ts` tells. */
import type { LocalDay } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import { recheck } from './recheck.ts'
import type { DaySettled, MemberSettled, SettleDeps } from './settle-day.ts'

const [MONDAY, TUESDAY] = ['2026-11-16', '2026-11-17'] as [LocalDay, LocalDay]

const settled = (day: LocalDay, outcomes: Record<string, MemberSettled['outcome']>) =>
  ({
    day,
    members: Object.entries(outcomes).map(([email, outcome]) => ({ email, outcome })),
  }) as unknown as DaySettled

function questions(
  answer: Awaited<ReturnType<SettleDeps['auditAgain']>>,
  corrections: { email: string; day: LocalDay }[] = [],
) {
  const asked: (readonly string[])[] = []
  // What is decided anew would ask for more, and fail.
  const deps = {
    auditAgain: async (emails: readonly string[]) => {
      asked.push(emails)
      return answer
    },
    audit: async () => ({ corrections }),
  } as unknown as SettleDeps
  return { deps, asked }
}

test('nothing is asked where nothing was sent', async () => {
  const { deps, asked } = questions('news')
  const days = [settled(MONDAY, { ana: undefined, bob: 'refused' }), settled(TUESDAY, {})]
  expect(await recheck(days, deps)).toEqual({ days: [], unasked: [] })
  expect(asked).toEqual([])
})

test('each whose post may have been stored is asked about, once', async () => {
  const { deps, asked } = questions('no news')
  await recheck(
    [
      settled(MONDAY, { ana: 'posted', bob: 'refused', cleo: undefined }),
      settled(TUESDAY, { ana: 'posted', dan: 'unknown' }),
    ],
    deps,
  )
  expect(asked).toEqual([['ana', 'dan']])
})

describe('of what people did', () => {
  const days = [
    settled(MONDAY, { ana: 'posted', bob: 'refused' }),
    settled(TUESDAY, { bob: undefined }),
  ]

  test('to other days, or to those whose post was not sent, nothing is decided anew', async () => {
    const { deps } = questions('news', [
      { email: 'ana', day: TUESDAY },
      { email: 'cleo', day: MONDAY },
      { email: 'bob', day: MONDAY },
    ])
    expect(await recheck(days, deps)).toEqual({ days: [], unasked: [] })
  })

  test('what was known before the posts is no news', async () => {
    const { deps } = questions('no news', [{ email: 'ana', day: MONDAY }])
    expect(await recheck(days, deps)).toEqual({ days: [], unasked: [] })
  })

  test('where nobody can say, the days with posts are looked at again', async () => {
    const { deps } = questions('unreadable')
    expect(await recheck(days, deps)).toEqual({ days: [], unasked: [MONDAY] })
  })

  test('nor where what was done before can not be had', async () => {
    const { deps } = questions('unreadable')
    const without = { ...deps, audit: async () => undefined }
    expect(await recheck(days, without)).toEqual({ days: [], unasked: [MONDAY] })
  })
})
