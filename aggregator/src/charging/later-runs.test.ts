/**
 * What a later run does with what an earlier one remembered: corrections, refused posts, days left undone, how a day
 * was looked at, and what was asked once.
 */
import { rm } from 'node:fs/promises'
import type { LocalDay, Mac } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { charge, night as nightOn } from '../../testing/nights.ts'
import { look, seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { run as runCommand } from '../cli.ts'
import { readLedger } from '../ledger/ledger-store.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { StoreError } from '../store/store.ts'

const ANA = 'ana@example.org'
const BOB = 'bob@example.org'
const PHONE = 'AA:00:00:00:00:01'
const BOBS = 'BB:00:00:00:00:01'
const STRANGER = 'DD:00:00:00:00:01'
const FRIDAY = '2026-11-13'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] },
      { email: BOB, firstName: 'Bob', lastName: 'Weber', macs: [BOBS] },
    ],
  })
  // However late each of them gets its first file.
  space.env.LOCATIONS = 'a,b,c'
})
afterEach(() => space.close())

const night = (day: string) => nightOn(space, day)
const run = (...args: string[]) => charge(space, ...args)
const store = () => createFolderStore(`${space.folder}/store`)
const ledgerOf = async (day: string) => (await readLedger(store(), day as LocalDay)).value
const correct = (email: string, date: string, value: number, comment: string) =>
  space.tickets.state.correctDay({ email, date, value, comment })
/** The audit trail does not go back for ever. */
const forgetTrail = () => void space.tickets.state.audit.events.splice(0)
const failPosts = (status = 404) =>
  space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status } : undefined))
const mend = () => space.tickets.setFaults(undefined)
const quiet = (day: string) => space.write(`presences/a/${day}`, seen(STRANGER, day, 9, 1))

describe('of several corrections of one day, the last one counts', () => {
  beforeEach(async () => {
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 31))
    night(MONDAY)
    correct(ANA, MONDAY, 0.5, 'left at noon')
  })
  const hold = (value: string, comment: string) =>
    `evidence says 1.0, a person set ${value}: ${comment}`

  test('in one trail', async () => {
    space.clock.now = new Date(`${MONDAY}T21:20:00Z`)
    correct(ANA, MONDAY, 0, 'was not there')
    const { lines, posts } = await run('upload', MONDAY)
    expect(lines.join()).toContain(hold('0', 'was not there'))
    expect(posts).toEqual([])
  })

  test('one that came after a run remembered another', async () => {
    expect((await run('upload', MONDAY)).lines.join()).toContain(hold('0.5', 'left at noon'))
    correct(ANA, MONDAY, 0, 'was not there')
    expect((await run('upload', MONDAY)).lines.join()).toContain(hold('0', 'was not there'))
  })

  test('of those remembered, too, when the trail tells of none any more', async () => {
    await run('upload', MONDAY)
    correct(ANA, MONDAY, 0, 'was not there')
    await run('upload', MONDAY)
    forgetTrail()
    expect((await run('upload', MONDAY)).lines.join()).toContain(hold('0', 'was not there'))
    const { entries } = await ledgerOf(MONDAY)
    expect(entries.map(({ person }) => person?.value)).toEqual([0.5, 0])
  })

  test('one that agrees with the evidence in the end', async () => {
    await run('upload', MONDAY)
    correct(ANA, MONDAY, 1, 'was there all day')
    const { lines } = await run('upload', MONDAY)
    expect(lines).toEqual([
      `${MONDAY} ${ANA} 1.0 → 1.0 skip: already so: a person set it (was there all day)`,
    ])
    forgetTrail()
    expect((await run('upload', MONDAY)).lines).toEqual(lines)
  })
})

describe('a post that was refused', () => {
  beforeEach(async () => {
    await quiet(FRIDAY)
    night(FRIDAY)
    await run('upload')
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(MONDAY)
    failPosts()
    expect((await run('upload')).code).toBe(1)
    mend()
    await quiet(TUESDAY)
    night(TUESDAY)
  })

  test('is posted by the next night, which says why, and by no other', async () => {
    const { lines, posts } = await run('upload')
    expect(lines).toEqual([
      `${MONDAY} ${ANA} - → 0.5 post: first charge: 3 slots (caught up: the post had been refused)`,
    ])
    expect(posts).toEqual([`${MONDAY} ${ANA} 0.5`])
    expect((await run('upload')).posts).toEqual([])
  })

  test('does not hide that files came late, once it is healed', async () => {
    await run('upload')
    await space.write(`presences/b/${MONDAY}`, seen(PHONE, MONDAY, 10, 30))
    expect((await run('upload')).lines).toEqual([
      `${MONDAY} ${ANA} 0.5 → 1.0 post: more than the 0.5 charged before: 33 slots (caught up: files arrived late)`,
    ])
  })

  test('is not taken for charged by what comes after', async () => {
    correct(ANA, MONDAY, 0.5, 'by hand')
    const { lines, posts } = await run('upload')
    expect(posts).toEqual([])
    expect(lines.join()).not.toContain('post:')
    expect(space.tickets.state.amount(ANA, MONDAY)).toBe(0.5)
  })
})

test('what became of a post without an answer is written down when the ticket server told', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 31))
  night(MONDAY)
  space.env.FULL_DAY_SLOTS = '40'
  await run('upload', MONDAY)
  space.env.FULL_DAY_SLOTS = '30'
  failPosts(503)
  await run('upload', MONDAY)
  mend()
  space.env.FULL_DAY_SLOTS = '40'
  await run('upload', MONDAY)
  const entries = async () =>
    (await ledgerOf(MONDAY)).entries.map(({ decision, outcome, computed }) => [
      decision,
      outcome,
      computed,
    ])
  const told = [
    ['post', 'posted', 0.5],
    ['post', 'unknown', 1],
    ['skip', undefined, 0.5],
  ]
  expect(await entries()).toEqual(told)
  // It is not written again each time.
  await run('upload', MONDAY)
  expect(await entries()).toEqual(told)
})

describe('days left undone', () => {
  /** The days the next night must look at, however old they are. */
  const openDays = async (): Promise<string[]> => {
    const there = await store().get('jobs/nightly.json')
    return there ? JSON.parse(String(there.bytes)).openDays : []
  }
  const OLD = ['2026-09-01', '2026-09-02'] as const

  beforeEach(async () => {
    space.env.CATCH_UP_DAYS = '1'
    await quiet(FRIDAY)
    night(FRIDAY)
    await run('upload')
  })

  test('by two runs one after the other are both caught up', async () => {
    for (const day of OLD) await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3))
    night(MONDAY)
    failPosts()
    for (const day of [OLD[1], OLD[0], OLD[0]]) await run('upload', day)
    mend()
    expect(await openDays()).toEqual(OLD)
    await quiet(MONDAY)
    expect((await run('upload')).posts).toEqual(OLD.map((day) => `${day} ${ANA} 0.5`))
    expect(await openDays()).toEqual([])
  })

  test('by a run that was asked for do not hide the nights that did not run', async () => {
    await space.write(`presences/a/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
    await space.write(`presences/a/${OLD[0]}`, seen(PHONE, OLD[0], 9, 3))
    night(WEDNESDAY)
    failPosts()
    await run('upload', OLD[0])
    mend()
    await quiet('2026-11-20')
    night('2026-11-20')
    expect((await run('upload')).posts).toEqual([`${OLD[0]} ${ANA} 0.5`, `${MONDAY} ${BOB} 0.5`])
  })

  test.each([
    ['an upload', ['upload', FRIDAY]],
    ['a replay', ['reupload', PHONE, '--period', FRIDAY]],
  ])('by %s, for want of a rollup that can be read, wait until it can', async (_, args) => {
    await quiet('2026-11-19')
    night('2026-11-19')
    await run('upload')
    await space.write(`presences/b/${FRIDAY}`, seen(PHONE, FRIDAY, 9, 3))
    await space.write(`rollups/b/${FRIDAY}.json.gz`, 'damaged')
    await quiet('2026-11-20')
    night('2026-11-20')
    expect(await run(...args)).toMatchObject({ code: 1, posts: [] })
    const still = await run('upload')
    expect(still).toMatchObject({ code: 1, posts: [] })
    expect(still.nightly).toContain('1 room could not be read wholly')
    await rm(`${space.folder}/store/rollups/b/${FRIDAY}.json.gz`)
    expect((await run('upload')).posts).toEqual([`${FRIDAY} ${ANA} 0.5`])
    expect(await openDays()).toEqual([])
  })

  test.each([
    ['2026-11-14', 0, 1],
    [FRIDAY, 0, 0],
    [FRIDAY, 1, 1],
  ])(
    'in nights that did not run: files that came late for %s, with CATCH_UP_DAYS=%i, are charged: %i',
    async (day, catchUpDays, times) => {
      space.env.CATCH_UP_DAYS = String(catchUpDays)
      await space.write(`presences/b/${day}`, seen(PHONE, day, 9, 3))
      await quiet(MONDAY)
      night(MONDAY)
      expect((await run('upload')).posts).toHaveLength(times)
    },
  )

  test.each([
    ['2026-08-16', ['2026-08-16']],
    ['2026-08-15', []],
  ])(
    'a day that was not looked at wholly waits for late files for 92 days: %s',
    async (day, open) => {
      await space.write(...look('a', new Date(`${day}T10:00:00+02:00`), { macs: [PHONE as Mac] }))
      night(MONDAY)
      expect((await run('upload', day)).code).toBe(0)
      expect(await openDays()).toEqual(open)
    },
  )

  test('a day is tried again however old: the trail is read as far back', async () => {
    const day = '2026-03-16'
    await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3))
    night(MONDAY)
    failPosts()
    await run('upload', day)
    mend()
    await quiet(MONDAY)
    const nightly = await run('upload')
    expect(nightly.posts).toEqual([`${day} ${ANA} 0.5`])
    expect(await openDays()).toEqual([])
  })
})

test('how a day was looked at is kept up to date, though nothing is charged anew', async () => {
  space.env.MIN_COVERAGE = '1'
  const at = (minute: number) =>
    new Date(`${MONDAY}T10:${String(minute * 10).padStart(2, '0')}:00+01:00`)
  for (const minute of [0, 1, 2])
    await space.write(...look('a', at(minute), { macs: [PHONE as Mac] }))
  await quiet(TUESDAY)
  night(MONDAY)
  await run('upload')
  expect(await ledgerOf(MONDAY)).toMatchObject({
    incomplete: ['a'],
    coverage: [{ location: 'a', lookedMinutes: 3, openMinutes: 840 }],
  })
  for (const minute of [0, 1, 2, 3, 4, 5])
    await space.write(...look('a', new Date(at(minute).getTime() + 60_000)))
  night(TUESDAY)
  expect((await run('upload')).posts).toEqual([])
  expect(await ledgerOf(MONDAY)).toMatchObject({
    incomplete: [],
    coverage: [{ location: 'a', lookedMinutes: 9, openMinutes: 840 }],
  })
})

test.each([
  [WEDNESDAY, true],
  [TUESDAY, true],
  [MONDAY, false],
])(
  'without the trail, %s is charged on Wednesday night: %s; what is older waits',
  async (day, isCharged) => {
    await quiet(FRIDAY)
    night(FRIDAY)
    await run('upload')
    await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3))
    night(WEDNESDAY)
    space.tickets.setFaults(({ path }) => (path === '/api/audit' ? { status: 403 } : undefined))
    const { posts } = await run('upload', day)
    expect(posts).toEqual(isCharged ? [`${day} ${ANA} 0.5`] : [])
    mend()
    await run('upload', day)
    expect(space.tickets.state.amount(ANA, day)).toBe(0.5)
  },
)

test('what scripts charged on the very day the ledger began is not charged over', async () => {
  space.tickets.state.storePost(space.tickets.state.member(ANA), MONDAY, 1)
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
  night(MONDAY)
  const { posts, lines } = await run('upload')
  expect(posts).toEqual([])
  expect(lines[0]).toContain(`${MONDAY} ${ANA} 1.0 → 0.5 hold`)
})

describe('what a run asks the ticket server', () => {
  /** How often each path was asked for; members by number. */
  const asked = (since: number) => {
    const counts: Record<string, number> = {}
    for (const { path } of space.tickets.requests.slice(since))
      counts[path] = (counts[path] ?? 0) + 1
    return counts
  }

  test('is asked once, for all its days and members', async () => {
    for (const day of [MONDAY, TUESDAY, WEDNESDAY])
      await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3) + seen(BOBS, day, 9, 3))
    night(WEDNESDAY)
    const before = space.tickets.requests.length
    await run('upload', '--from', MONDAY, '--to', WEDNESDAY)
    expect(asked(before)).toEqual({
      '/api/mac': 1,
      // Once for all; then what people did meanwhile, before each day's posts and after the last.
      '/api/audit': 1 + 3 + 1,
      '/api/members': 1,
      '/api/members/member1/activity': 1,
      '/api/members/member2/activity': 1,
      '/api/presence': 6,
    })
  })

  test.each([
    [['upload', MONDAY], {}, '2026-08-16'],
    [['upload', '--from', FRIDAY, '--to', MONDAY], {}, '2026-08-13'],
    [['reupload', PHONE, '--period', '2026-11'], {}, '2026-08-01'],
    [['upload'], {}, '2026-05-16'],
    [['upload'], { CATCH_UP_DAYS: '100' }, '2026-05-08'],
    [['upload'], { AUTO_REPLAY_DAYS: '100' }, '2026-05-08'],
  ])('%j %j: the trail from 92 days before its first day on', async (args, env, from) => {
    Object.assign(space.env, env)
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(MONDAY)
    await run(...args)
    const [audit] = space.tickets.requests.filter(({ path }) => path === '/api/audit')
    expect(audit?.query.from).toBe(from)
  })
})

test('late registrations are charged by themselves for AUTO_REPLAY_DAYS, though CATCH_UP_DAYS are fewer', async () => {
  const LATE = 'CC:00:00:00:00:01'
  Object.assign(space.env, { AUTO_REPLAY_DAYS: '2', CATCH_UP_DAYS: '0' })
  await quiet(FRIDAY)
  night(FRIDAY)
  await run('upload')
  const days = ['2026-11-15', MONDAY, TUESDAY]
  for (const day of days) {
    await space.write(`presences/a/${day}`, seen(LATE, day, 9, 3))
    night(day)
    await run('upload')
  }
  space.tickets.state.addDevice(BOB, LATE)
  await quiet(WEDNESDAY)
  night(WEDNESDAY)
  expect((await run('upload')).posts).toEqual([`${MONDAY} ${BOB} 0.5`, `${TUESDAY} ${BOB} 0.5`])
})

test.each([
  ['2026-08-15', false],
  ['2026-08-16', true],
  [TUESDAY, true],
])('a day of 92 before is proposed, and nothing written for it: %s %s', async (day, isProposed) => {
  const LATE = 'CC:00:00:00:00:01'
  await quiet(FRIDAY)
  night(FRIDAY)
  await run('upload')
  space.env.CATCH_UP_DAYS = '0'
  const today = day === TUESDAY ? WEDNESDAY : MONDAY
  await space.write(`presences/a/${day}`, seen(LATE, day, 9, 3))
  await quiet(today)
  night(today)
  await space.write('jobs/nightly.json', `{"version":1,"lastRun":"${today}","openDays":[]}`)
  space.tickets.state.addDevice(BOB, LATE)
  const { nightly, posts } = await run('upload')
  expect(nightly.includes('1 device registered late to replay')).toBe(isProposed)
  expect(posts).toEqual([])
  expect(await store().get(`rollups/a/${day}.json.gz`)).toBeUndefined()
})

describe('after a run that failed', () => {
  test('the next one does not wait for it', async () => {
    await quiet(MONDAY)
    night(MONDAY)
    space.tickets.setFaults(() => ({ status: 401 }))
    expect((await run('upload')).code).toBe(3)
    mend()
    const began = space.clock.now.getTime()
    const { code, errors } = await run('upload')
    expect(code).toBe(0)
    expect(errors).not.toContain('Waiting')
    expect(space.clock.now.getTime()).toBe(began)
  })

  test('only to give its lease back, what it charged is told all the same', async () => {
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(MONDAY)
    const sink = { out: [] as string[], errors: [] as string[] }
    const effects = space.effects(sink)
    const code = await runCommand(['upload'], {
      ...effects,
      openStore: async (...asked) => {
        const opened = await effects.openStore(...asked)
        return {
          ...opened,
          put: async (key, bytes, condition) => {
            if (key === 'jobs/charging.json' && String(bytes).includes('"holder":null'))
              throw new StoreError("Can't write jobs/charging.json: the disk is full.")
            return opened.put(key, bytes, condition)
          },
        }
      },
    })
    expect(code).toBe(0)
    expect(sink.out.join('\n')).toContain(`${MONDAY} ${ANA} - → 0.5 post: first charge: 3 slots`)
    expect(sink.errors.join('')).toContain("Can't write jobs/charging.json")
  })
})

describe('who asked is known from the ledger', () => {
  test.each([
    [{}, 'someone on test-host'],
    [{ LOGNAME: 'ana' }, 'ana on test-host'],
    [{ LOGNAME: 'ana', USER: 'bob' }, 'bob on test-host'],
    [{ USER: 'root', SUDO_USER: 'ana' }, 'ana on test-host'],
    [{ USER: 'root', INVOCATION_ID: '0123' }, 'timer on test-host'],
  ])('%j: %s', async (env, by) => {
    Object.assign(space.env, env)
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(MONDAY)
    await run('upload')
    expect((await ledgerOf(MONDAY)).entries.map((entry) => entry.run.by)).toEqual([by])
  })
})

test('what was asked for is known from the ledger', async () => {
  await quiet(FRIDAY)
  night(FRIDAY)
  await run('upload')
  for (const day of [MONDAY, TUESDAY])
    await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3))
  night(TUESDAY)
  await run('upload')
  await space.write(`presences/b/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
  await run('upload', MONDAY)
  await space.write(`presences/c/${MONDAY}`, seen(BOBS, MONDAY, 12, 27))
  await run('reupload', BOBS, '--period', MONDAY)
  const kinds = async (day: string) => (await ledgerOf(day)).entries.map((entry) => entry.run.kind)
  expect(await kinds(TUESDAY)).toEqual(['nightly'])
  expect(await kinds(MONDAY)).toEqual(['catch-up', 'upload', 'replay'])
})

describe('members whose e-mails look alike are two members', () => {
  test.each([
    ['in another case', 'eva@example.org', 'Eva@example.org'],
    ['in another Unicode form', 'ren\u00e9@example.org', 'rene\u0301@example.org'],
    ['with a space at the end', 'ida@example.org', 'ida@example.org '],
  ])('%s', async (_, one, other) => {
    const [ONES, OTHERS] = ['EE:00:00:00:00:01', 'EE:00:00:00:00:02']
    space.tickets.state.addMember({ email: one, firstName: 'One', macs: [ONES] })
    space.tickets.state.addMember({ email: other, firstName: 'Other', macs: [OTHERS] })
    // One was charged by the scripts before, the other has a correction.
    space.tickets.state.storePost(space.tickets.state.member(one), MONDAY, 0.5)
    night(MONDAY)
    correct(other, TUESDAY, 1, 'by hand')
    for (const day of [MONDAY, TUESDAY, WEDNESDAY])
      await space.write(`presences/a/${day}`, seen(ONES, day, 9, 3) + seen(OTHERS, day, 12, 3))
    expect((await run('upload')).posts).toEqual([`${MONDAY} ${other} 0.5`])
    night(TUESDAY)
    expect((await run('upload')).posts).toEqual([`${TUESDAY} ${one} 0.5`])
    night(WEDNESDAY)
    space.tickets.state.moveDevice(OTHERS, other, one)
    await space.write(`presences/b/${WEDNESDAY}`, seen(OTHERS, WEDNESDAY, 14, 27))
    expect((await run('upload')).posts).toEqual([`${WEDNESDAY} ${one} 1`])
    const emails = (await ledgerOf(MONDAY)).entries.map(({ email }) => email).sort()
    expect(emails).toEqual([one, other].sort())
    const { out } = await run('explain', MONDAY, other)
    expect(out.join('\n')).toContain('Device EE:00:…:02 at a')
    expect(out.join('\n')).not.toContain('EE:00:…:01')
    expect(space.tickets.posts.every(({ stored }) => stored)).toBe(true)
  })
})

describe('the rule is for the configuration to say', () => {
  test.each([
    [{}, 2, '0 skip'],
    [{}, 3, '0.5 post'],
    [{ HALF_DAY_SLOTS: '2' }, 2, '0.5 post'],
    [{ HALF_DAY_SLOTS: '4' }, 3, '0 skip'],
    [{ FULL_DAY_SLOTS: '4' }, 4, '1.0 post'],
    [{ OPENING_HOURS: '09:30-12:59' }, 5, '0 skip'],
    [{ OPENING_HOURS: '09:30-12:59' }, 6, '0.5 post'],
    [{ OPENING_HOURS: '08:00-09:19' }, 6, '0 skip'],
    // 09:00 in Paris is 08:00 in London.
    [{ TIMEZONE: 'Europe/London', OPENING_HOURS: '08:30-12:59' }, 5, '0 skip'],
    [{ TIMEZONE: 'Europe/London', OPENING_HOURS: '08:30-12:59' }, 6, '0.5 post'],
  ])('%j, %i slots from nine on: %s', async (env, count, decided) => {
    Object.assign(space.env, env)
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, count))
    night(MONDAY)
    await run('upload')
    const [entry] = (await ledgerOf(MONDAY)).entries
    const amount = entry?.computed === 0 ? '0' : entry?.computed.toFixed(1)
    expect(`${amount} ${entry?.decision}`).toBe(decided)
  })
})

test('a charge is explained though its member has no device that is known any more', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
  night(MONDAY)
  await run('upload')
  space.tickets.state.removeDevice(ANA, PHONE)
  await rm(`${space.folder}/store/members/history.json.gz`)
  const { code, out } = await run('explain', MONDAY, ANA)
  expect(code).toBe(0)
  expect(out.join('\n')).toContain('charged. Reason: first charge: 3 slots')
  expect(await run('explain', MONDAY, 'nobody@example.org')).toMatchObject({ code: 2 })
})

test('whose devices are never charged is for EXCLUDED_NAMES to say', async () => {
  space.env.EXCLUDED_NAMES = 'Weber, Personne'
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3) + seen(BOBS, MONDAY, 9, 3))
  night(MONDAY)
  expect((await run('upload')).posts).toEqual([`${MONDAY} ${ANA} 0.5`])
})
