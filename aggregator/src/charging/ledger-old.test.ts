/**
 * An earlier copy of the ledger was put back, or one of its days is gone: it is told, and nobody is charged on a day
 * whose ledger is lost before somebody did what is said. By the real commands, as `infra/cloud/README.md` has it.
 */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { charge, night } from '../../testing/nights.ts'
import { seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'

const ANA = 'ana@example.org'
const PHONE = 'AA:00:00:00:00:01'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'
const THURSDAY = '2026-11-19'
const FRIDAY = '2026-11-20'
const NOTE = 'jobs/ledgers.json'
const FEW = 5
const MANY = 31
const LATER_NIGHT = '2027-02-01'

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({
    members: [{ email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] }],
  })
  // However late each of them gets its first file.
  space.env.LOCATIONS = 'a,b'
})
afterEach(() => space.close())

const path = (key: string) => join(space.folder, 'store', key)
const lose = (key: string) => rm(path(key), { recursive: true })
const loseDay = (day: string) => lose(`ledger/${day}.json.gz`)
const keep = () => cp(path('ledger'), join(space.folder, 'kept'), { recursive: true })
const amount = (day: string) => space.tickets.state.amount(ANA, day)
const late = (day: string) => space.write(`presences/b/${day}`, seen(PHONE, day, 12, MANY))
const isLost = (day: string) => `Nobody was charged for ${day}: its ledger is lost`

async function putBack(): Promise<void> {
  await lose('ledger')
  await cp(join(space.folder, 'kept'), path('ledger'), { recursive: true })
}

async function nightOf(day: string) {
  await space.write(`presences/a/${day}`, seen(PHONE, day, 9, FEW))
  night(space, day)
  return charge(space, 'upload')
}

async function nights(...days: string[]) {
  for (const day of days) expect((await nightOf(day)).code).toBe(0)
}

test('ledger/ lost: it is told, made again as the page says, and nights go on', async () => {
  await nights(MONDAY, TUESDAY)
  await lose('ledger')
  await late(TUESDAY)
  const told = await nightOf(WEDNESDAY)
  expect(told).toMatchObject({ code: 3, posts: [] })
  expect(told.errors).toMatch(
    /The ledger is lost, or a part of it: .*presences-aggregator ledger rebuild$/m,
  )
  expect((await space.run('ledger', 'rebuild', '--dry-run')).code).toBe(0)
  expect((await nightOf(WEDNESDAY)).code).toBe(3)
  expect((await space.run('ledger', 'rebuild')).code).toBe(0)
  const ran = await charge(space, 'upload')
  expect(ran).toMatchObject({ code: 0, posts: [`${WEDNESDAY} ${ANA} 0.5`, `${TUESDAY} ${ANA} 1`] })
})

test('ledger/ old: it is told, made again as the page says, and nights go on', async () => {
  await nights(MONDAY)
  await keep()
  await nights(TUESDAY, WEDNESDAY)
  await putBack()
  await late(TUESDAY)
  for (const args of [['upload'], ['upload', '--dry-run'], ['reupload', PHONE]]) {
    const told = await charge(space, ...args)
    expect(told).toMatchObject({ code: 3, posts: [] })
    expect(told.errors).toContain(
      `The ledger is lost, or a part of it: 2 days have lost theirs, from ${TUESDAY} to ${WEDNESDAY}`,
    )
    expect(told.errors).toContain('presences-aggregator ledger rebuild')
  }
  expect((await space.run('ledger', 'rebuild')).code).toBe(0)
  const next = await nightOf(THURSDAY)
  expect(next).toMatchObject({
    code: 0,
    posts: [`${THURSDAY} ${ANA} 0.5`, `${TUESDAY} ${ANA} 1`],
  })
})

test.each([
  ['in its middle', TUESDAY],
  ['the last one, as the copy of the day before has it', WEDNESDAY],
])('one day is lost, %s: it alone waits, until it is made again', async (_, lost) => {
  await nights(MONDAY, TUESDAY, WEDNESDAY)
  await loseDay(lost)
  await late(lost)
  for (const day of [THURSDAY, FRIDAY]) {
    const ran = await nightOf(day)
    expect(ran).toMatchObject({ code: 1, posts: [`${day} ${ANA} 0.5`] })
    expect(ran.errors).toContain(isLost(lost))
    expect(ran.errors).toContain(`ledger rebuild --from ${lost} --to ${lost}`)
  }
  const asked = await charge(space, 'upload', lost, '--allow-lower')
  expect(asked).toMatchObject({ code: 3, posts: [] })
  expect((await charge(space, 'reupload', PHONE)).posts).toEqual([])
  const closed = await charge(space, 'close', lost, ANA, '--because', 'so')
  expect(closed.code).not.toBe(0)
  expect(amount(lost)).toBe(0.5)
  const made = await space.run('ledger', 'rebuild', '--from', lost, '--to', lost)
  expect(made).toMatchObject({ code: 0, out: [`${lost} ${ANA} 0.5`, expect.anything()] })
  const again = await charge(space, 'upload')
  expect(again).toMatchObject({ code: 0, posts: [`${lost} ${ANA} 1`] })
})

test('a day of long ago is told of until it is made again', async () => {
  await nights(MONDAY, TUESDAY, LATER_NIGHT)
  await loseDay(TUESDAY)
  const ran = await charge(space, 'upload')
  expect(ran.code).toBe(1)
  expect(ran.errors).toContain(isLost(TUESDAY))
  await space.run('ledger', 'rebuild')
  expect(await charge(space, 'upload')).toMatchObject({ code: 0, posts: [] })
})

test('days of before the beginning, uploaded by hand, are made again, too', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, FEW))
  await nights(WEDNESDAY)
  await charge(space, 'upload', MONDAY)
  await lose('ledger')
  expect((await nightOf(THURSDAY)).code).toBe(3)
  const made = await space.run('ledger', 'rebuild')
  expect(made.out).toEqual([
    `${MONDAY} ${ANA} 0.5`,
    `${WEDNESDAY} ${ANA} 0.5`,
    expect.stringContaining(`the ledger begins on ${WEDNESDAY}`),
  ])
  expect((await nightOf(FRIDAY)).code).toBe(0)
})

test('a day on which nobody was charged is made again, too', async () => {
  await nights(MONDAY)
  await space.write(`presences/a/${TUESDAY}`, seen(PHONE, TUESDAY, 9, 1))
  night(space, TUESDAY)
  await charge(space, 'upload')
  await loseDay(TUESDAY)
  expect((await nightOf(WEDNESDAY)).code).toBe(1)
  expect((await space.run('ledger', 'rebuild')).code).toBe(0)
  expect(await readdir(path('ledger'))).toContain(`${TUESDAY}.json.gz`)
  expect(await charge(space, 'upload')).toMatchObject({ code: 0, posts: [] })
})

test('the day is put back from a version, and nights go on', async () => {
  await nights(MONDAY, TUESDAY)
  await keep()
  await loseDay(TUESDAY)
  expect((await nightOf(WEDNESDAY)).code).toBe(1)
  await cp(join(space.folder, 'kept', `${TUESDAY}.json.gz`), path(`ledger/${TUESDAY}.json.gz`))
  await nights(THURSDAY)
})

test('days with nothing at all are no loss', async () => {
  await nights(MONDAY)
  for (const day of [TUESDAY, WEDNESDAY]) {
    night(space, day)
    expect((await charge(space, 'upload')).errors).not.toContain('lost')
  }
  expect((await nightOf(THURSDAY)).errors).not.toContain('lost')
})

test.each([
  ['lost, or not there before an upgrade', () => lose(NOTE)],
  ['damaged', () => writeFile(path(NOTE), '{')],
])(
  'the note of the days is %s: it is made again, and tells of what is lost later',
  async (_, harm) => {
    await nights(MONDAY, TUESDAY)
    await harm()
    await nightOf(WEDNESDAY)
    const note = JSON.parse(await readFile(path(NOTE), 'utf8'))
    expect(note).toEqual({ version: 1, days: [MONDAY, TUESDAY, WEDNESDAY] })
    await loseDay(MONDAY)
    expect((await nightOf(THURSDAY)).errors).toContain(isLost(MONDAY))
  },
)
