/** What is only about runs, damaged or lost: it stops nobody, somebody is told, and no day falls out. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSpace, type Space } from '../../testing/space.ts'
import { run } from '../cli.ts'

const ANA = 'ana@example.org'
const PHONE = 'AA:00:00:00:00:01'
const NIGHTLY = 'jobs/nightly.json'

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [{ email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] }],
  })
})
afterEach(() => space.close())

function seen(day: string, count = 31): string {
  return Array.from({ length: count }, (_, slot) => {
    const minute = 9 * 60 + slot * 10 + 4
    const clock = [Math.floor(minute / 60), minute % 60].map((n) => String(n).padStart(2, '0'))
    return `${day}T${clock.join(':')}:02+01:00\t${PHONE}\n`
  }).join('')
}

function night(day: string): void {
  space.clock.now = new Date(`${day}T21:15:00Z`)
}

async function nightOf(day: string) {
  night(day)
  const ran = await space.run('upload')
  return { ...ran, line: ran.out.at(-2) ?? '', french: ran.out.at(-1) ?? '' }
}

const stored = (key: string) => readFile(`${space.folder}/store/${key}`, 'utf8')
const damagedCopies = () => readdir(`${space.folder}/store/jobs/damaged`)

describe.each([NIGHTLY, 'jobs/charging.json'])('%s', (key) => {
  test.each(['{"version":1', '{"version":1,"holder":[],"openDays":7}', ''])(
    'damaged as %j stops no charge, is told, kept, and made again',
    async (text) => {
      await space.write('presences/a/2026-11-16', seen('2026-11-16'))
      await space.write(key, text)
      const { code, line, french, errors } = await nightOf('2026-11-16')
      expect(space.tickets.state.amount(ANA, '2026-11-16')).toBe(1)
      expect(code).toBe(0)
      expect(line).toContain('to do: 1 note of the program damaged, set aside and made again')
      expect(french).toContain('1 note du programme abîmée, mise de côté et refaite')
      expect(errors).toContain(`${key} could not be used`)
      const [copy = ''] = await damagedCopies()
      expect(await stored(`jobs/damaged/${copy}`)).toBe(text)
      const next = await nightOf('2026-11-17')
      expect(next.line).not.toContain('note')
    },
  )

  test('of another version is left as it is', async () => {
    await space.write('presences/a/2026-11-16', seen('2026-11-16'))
    await space.write(key, '{"version":2}')
    const { code, errors } = await nightOf('2026-11-16')
    expect(code).toBe(3)
    expect(errors).toContain(`Can't use ${key}: it has version 2`)
    expect(await stored(key)).toBe('{"version":2}')
  })
})

describe('a memory of the night that is lost', () => {
  const lose = {
    damaged: () => space.write(NIGHTLY, '{'),
    gone: () => rm(`${space.folder}/store/${NIGHTLY}`),
    'of a day to come': () =>
      space.write(NIGHTLY, '{"version":1,"lastRun":"2027-04-22","openDays":[]}'),
  }

  test.each(Object.entries(lose))(
    '(%s): an old day whose post was refused is healed',
    async (_, loseIt) => {
      await space.write('presences/a/2026-08-03', seen('2026-08-03'))
      space.tickets.setFaults(({ path }) =>
        path === '/api/presence' ? { status: 400 } : undefined,
      )
      await nightOf('2026-08-03')
      for (const day of ['2026-11-18', '2026-11-19', '2026-11-20']) {
        await space.write(`presences/a/${day}`, seen(day))
        if (day < '2026-11-20') await nightOf(day)
      }
      space.tickets.setFaults(undefined)
      await loseIt()
      const { code } = await nightOf('2026-11-20')
      expect(space.tickets.state.amount(ANA, '2026-08-03')).toBe(1)
      expect(code).toBe(0)
    },
  )

  test.each(Object.entries(lose))(
    '(%s): a day that could not be read, and has no ledger, is looked at',
    async (_, loseIt) => {
      await nightOf('2026-10-01')
      const rollup = 'rollups/a/2026-10-02.json.gz'
      await space.write('presences/a/2026-10-02', seen('2026-10-02'))
      await space.write(rollup, 'damaged')
      await nightOf('2026-10-02')
      for (const day of ['2026-10-18', '2026-10-19']) await nightOf(day)
      await rm(`${space.folder}/store/${rollup}`)
      await loseIt()
      await nightOf('2026-10-20')
      expect(space.tickets.state.amount(ANA, '2026-10-02')).toBe(1)
    },
  )

  test.each(Object.entries(lose))(
    '(%s): the nights that did not run are caught up',
    async (_, loseIt) => {
      await space.write('presences/a/2026-05-01', seen('2026-05-01'))
      await nightOf('2026-05-01')
      await space.write('presences/a/2026-05-02', seen('2026-05-02'))
      await loseIt()
      // More nights without a run than are looked at in any case.
      await nightOf('2026-09-30')
      expect(space.tickets.state.amount(ANA, '2026-05-02')).toBe(1)
    },
  )

  test('(damaged), a replay that fails leaves its day and all others to the night', async () => {
    await space.write('presences/a/2026-10-01', seen('2026-10-01'))
    await nightOf('2026-10-01')
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 400 } : undefined))
    await space.write('presences/a/2026-10-02', seen('2026-10-02'))
    await nightOf('2026-10-02')
    await nightOf('2026-10-20')
    await space.write('presences/a/2026-10-03', seen('2026-10-03'))
    await lose.damaged()
    await space.run('reupload', PHONE, '--period', '2026-10-03')
    space.tickets.setFaults(undefined)
    await nightOf('2026-10-21')
    expect(space.tickets.state.amount(ANA, '2026-10-02')).toBe(1)
    expect(space.tickets.state.amount(ANA, '2026-10-03')).toBe(1)
  })
})

test('a damaged book of alerts is kept under another name, and alerts are sent', async () => {
  const alerts: unknown[] = []
  space.env.ALERT_WEBHOOK_URL = 'https://hooks.example.org/x'
  await space.write('jobs/alerts.json', '{"version":1,"open":')
  await space.write('presences/a/2026-11-16', seen('2026-11-16'))
  space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 400 } : undefined))
  night('2026-11-16')
  const sink = { out: [], errors: [] as string[] }
  const effects = space.effects(sink)
  await run(['upload'], {
    ...effects,
    fetch: async (url, init) => {
      if (!String(url).startsWith('https://hooks')) return fetch(url, init)
      alerts.push(init?.body)
      return new Response('ok')
    },
  })
  expect(alerts).toHaveLength(1)
  expect(sink.errors.join('')).toContain('jobs/alerts.json could not be used')
  expect(await damagedCopies()).toEqual([expect.stringMatching(/^alerts\.json-2026/)])
})

describe('lines that can not be read', () => {
  test('end in exit code 1, and are told, each night that looks at their day', async () => {
    await space.write('presences/a/2026-11-16', `${seen('2026-11-16')}nonsense\nmore of it\n`)
    const first = await nightOf('2026-11-16')
    expect(first.code).toBe(1)
    expect(first.line).toContain('to do: 2 lines could not be read, see the log')
    expect(first.french).toContain('à faire : 2 lignes illisibles, voir le journal')
    expect(space.tickets.state.amount(ANA, '2026-11-16')).toBe(1)
    const last = await nightOf('2026-11-30')
    expect(last.code).toBe(1)
    expect(last.line).toContain('2 lines could not be read')
    const after = await nightOf('2026-12-01')
    expect(after.line).not.toContain('could not be read')
  })
})

test('first nights that fail are looked at by the first one that does not', async () => {
  space.tickets.setFaults(() => ({ status: 503 }))
  for (const day of ['2026-11-16', '2026-11-17']) {
    await space.write(`presences/a/${day}`, seen(day))
    expect((await nightOf(day)).code).toBe(3)
  }
  expect(JSON.parse(await stored('ledger/start.json'))).toEqual({
    version: 1,
    firstDay: '2026-11-16',
  })
  space.tickets.setFaults(undefined)
  const { line } = await nightOf('2026-11-18')
  expect(line).not.toContain('nothing to do')
  for (const day of ['2026-11-16', '2026-11-17']) {
    expect(await readdir(`${space.folder}/store/ledger`)).toContain(`${day}.json.gz`)
  }
})
