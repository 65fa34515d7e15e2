import type { LocalDay } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import { type AuditTrail, type Correction, type Tickets, TicketsError } from '../tickets/tickets.ts'
import { questionsTo } from './questions.ts'

const ANA = 'ana@example.org'
const BOB = 'bob@example.org'
const DAY = '2026-11-16' as LocalDay

const set = (email: string, value: number, clock: string): Correction => ({
  email,
  day: DAY,
  value,
  comment: '',
  author: undefined,
  occurred: new Date(`2026-11-16T${clock}:00Z`),
})
const trail = (...corrections: Correction[]): AuditTrail => ({
  corrections,
  devices: [],
  faults: [],
})

/** The questions of a run at `now` that is told `first`, and `later` one after another: the last for ever. */
function questions(
  first: AuditTrail | 'down',
  later: readonly (AuditTrail | 'down')[],
  now = '2026-11-16T21:15:00Z',
) {
  const asked: string[] = []
  let at = 0
  const tickets = {
    auditTrail: async (from: LocalDay) => {
      asked.push(`trail ${from}`)
      if (first === 'down') throw new TicketsError('unreachable', 'it is down')
      return first
    },
    correctionsOf: async (emails: readonly string[], from: LocalDay) => {
      asked.push(`${emails.join(' ')} ${from}`)
      const answer = later[Math.min(at, later.length - 1)] ?? trail()
      at += 1
      if (answer === 'down') throw new TicketsError('unreachable', 'it is down')
      return answer
    },
    storedAmounts: async (email: string) => {
      asked.push(`stored ${email}`)
      return new Map()
    },
  } as unknown as Tickets
  return { ...questionsTo(tickets, DAY, () => new Date(now), { warn() {} }), asked }
}

test.each([
  ['2026-11-16T00:00:00Z', '2026-11-15'],
  ['2026-11-16T23:59:00Z', '2026-11-15'],
  // Past midnight in Paris, and not in UTC.
  ['2026-11-15T23:30:00Z', '2026-11-14'],
])(
  'a run that began at %s asks again since %s: the server’s clock may be behind',
  async (now, since) => {
    const { auditAgain, asked } = questions(trail(), [], now)
    await auditAgain([ANA, BOB])
    expect(asked).toEqual(['trail 2026-08-16', `${ANA} ${BOB} ${since}`])
  },
)

describe('what people did', () => {
  const early = set(ANA, 0, '08:00')
  const late = set(ANA, 1, '21:16')

  test.each<[string, (AuditTrail | 'down')[], string[]]>([
    ['before the first question is no news', [trail(early)], ['no news', 'no news']],
    ['since is news, each time: a plan may be older', [trail(early, late)], ['news', 'news']],
    ['that can not be asked may be news', ['down', trail(early)], ['unreadable', 'no news']],
  ])('%s', async (_, later, answers) => {
    const { auditAgain } = questions(trail(early), later)
    for (const answer of answers) expect(await auditAgain([ANA])).toBe(answer)
  })

  test('is told in the order of time, each once', async () => {
    const { audit, auditAgain } = questions(trail(early), [trail(late, early)])
    await auditAgain([ANA])
    expect((await audit())?.corrections).toEqual([early, late])
  })

  test('before what is known already, and told only now, is no later than that', async () => {
    const { audit, auditAgain } = questions(trail(late), [trail(early)])
    await auditAgain([ANA])
    expect((await audit())?.corrections).toEqual([early, late])
  })

  test('is not known of the past, though it can be asked again, while the trail can not be read', async () => {
    const { audit, auditAgain } = questions('down', [trail(late)])
    expect(await auditAgain([ANA])).toBe('news')
    expect(await audit()).toBeUndefined()
  })

  test('is not sure of those who could not be asked for, until they are', async () => {
    const { audit, auditAgain } = questions(trail(), ['down', trail()])
    await auditAgain([ANA])
    expect((await audit())?.unsure).toEqual([ANA])
    await auditAgain([ANA])
    expect((await audit())?.unsure).toEqual([])
  })
})

describe('what the server has for a member is asked once', () => {
  test.each<[string, string, string[]]>([
    ['a run', 'nothing', []],
    ['until it is forgotten', 'forget', [ANA]],
    ['until a person set a day of theirs', 'news', [ANA]],
  ])('%s', async (_, meanwhile, again) => {
    const { storedAmounts, forgetStored, auditAgain, asked } = questions(trail(), [
      trail(...(meanwhile === 'news' ? [set(ANA, 0, '21:16')] : [])),
    ])
    const ask = () => Promise.all([storedAmounts(ANA), storedAmounts(BOB), storedAmounts(ANA)])
    await ask()
    await auditAgain([ANA, BOB])
    if (meanwhile === 'forget') forgetStored(ANA)
    asked.splice(0)
    await ask()
    expect(asked).toEqual(again.map((email) => `stored ${email}`))
  })
})
